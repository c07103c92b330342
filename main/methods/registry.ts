import { UserError, show } from '../../shared/errors.ts';
import { adabreg } from './adabreg.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { gmp } from './gmp.ts';
import { linbreg } from './linbreg.ts';
import { linbregMomentum } from './linbreg-momentum.ts';
import type { Method } from './method.ts';
import { mlAdabreg } from './ml-adabreg.ts';
import { mlLinbreg } from './ml-linbreg.ts';
import { oneshot } from './oneshot.ts';
import { proxsgd } from './proxsgd.ts';
import { rigl } from './rigl.ts';
import { riglItop } from './rigl-itop.ts';
import { set } from './set.ts';
import { sgd } from './sgd.ts';
import { staticMask } from './static.ts';

/** Every method, in the order in which it is offered. */
export const methods: readonly Method[] = [
  mlLinbreg,
  mlAdabreg,
  linbreg,
  linbregMomentum,
  adabreg,
  proxsgd,
  rigl,
  riglItop,
  set,
  staticMask,
  gmp,
  oneshot,
  sgd,
  adam,
  adamw,
];

/** @throws UserError `bad-config` listing the known ids */
export function methodById(id: string): Method {
  const method = methods.find((m) => m.id === id);
  if (!method) {
    throw new UserError(
      'bad-config',
      `method.id: ${show(id)} is not a known method; accepted: ${methods.map((m) => m.id).join(', ')}`,
      'method.id',
    );
  }
  return method;
}
