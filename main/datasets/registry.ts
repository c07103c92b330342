import { UserError, show } from '../../shared/errors.ts';
import { cifar10 } from './cifar10.ts';
import { cifar100 } from './cifar100.ts';
import { csv } from './csv.ts';
import type { DatasetSource } from './dataset.ts';
import { fashionMnist } from './fashion-mnist.ts';
import { fashionMnistMini } from './fashion-mnist-mini.ts';
import { imageFolder } from './image-folder.ts';
import { kmnist } from './kmnist.ts';
import { mnist } from './mnist.ts';
import { teacherStudent } from './teacher-student.ts';
import { twoMoons } from './two-moons.ts';

/** Every source of data, in the order in which forms offer them. */
export const datasets: readonly DatasetSource[] = [
  fashionMnistMini,
  fashionMnist,
  mnist,
  kmnist,
  cifar10,
  cifar100,
  imageFolder,
  csv,
  teacherStudent,
  twoMoons,
];

/** @throws UserError `bad-config` listing the known ids */
export function datasetById(id: string): DatasetSource {
  const source = datasets.find((candidate) => candidate.id === id);
  if (source) return source;
  throw new UserError(
    'bad-config',
    `dataset.id: ${show(id)} is not a data set; expected one of ${datasets.map((known) => known.id).join(', ')}`,
    'dataset.id',
  );
}
