// `npm run prebuild:tensorflow`: builds the addon between TensorFlow and Node into resources/prebuilds, from where a
// package takes it. TensorFlow itself is set up in build/engines for that and is not packaged.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, filigreeCommand, nodeBinary, root, run, say } from './setup.mjs';

const engines = join(root, 'build', 'engines');
const target = join(root, 'resources', 'prebuilds');

const code = await run(nodeBinary(), filigreeCommand('setup', 'tensorflow'), { FILIGREE_ENGINES: engines });
if (code !== 0) fail('the addon could not be built: see the messages above');
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const addons = join(engines, 'tensorflow', 'addon');
for (const name of readdirSync(addons).filter((file) => file.endsWith('.node'))) {
  copyFileSync(join(addons, name), join(target, name));
  say(`resources/prebuilds/${name}`);
}
