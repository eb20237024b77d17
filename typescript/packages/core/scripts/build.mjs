// Builds dist/: the addon by cargo, the bundles by esbuild, the declarations by tsc.
//
// The ES module re-exports the CommonJS bundle, so that a process which loads both has one provider
// registry and one set of error classes.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const workspace = join(root, '../../..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

const PROFILE = process.env.CASCADEFLOW_BUILD_PROFILE ?? 'release';
const LIBRARY =
  {
    darwin: 'libcascadeflow_node.dylib',
    win32: 'cascadeflow_node.dll',
  }[process.platform] ?? 'libcascadeflow_node.so';

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
}

function buildAddon() {
  run('cargo', ['build', '--package', 'cascadeflow-node', '--profile', PROFILE], workspace);
  const target = process.env.CARGO_TARGET_DIR ?? join(workspace, 'target');
  const folder = PROFILE === 'dev' ? 'debug' : PROFILE;
  const addon = join(dist, 'cascadeflow.node');
  // A new file: a process that has the old one mapped keeps it.
  rmSync(addon, { force: true });
  cpSync(join(target, folder, LIBRARY), addon);
}

async function bundle() {
  await build({
    entryPoints: [join(root, 'src/index.ts')],
    outfile: join(dist, 'index.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    keepNames: true,
    legalComments: 'none',
  });
  const names = Object.keys(require(join(dist, 'index.cjs'))).sort();
  const lines = names.map((name) => `export const ${name} = core.${name};`);
  const module = ["import core from './index.cjs';", '', ...lines, ''];
  writeFileSync(join(dist, 'index.js'), module.join('\n'));
}

function declare() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  run(process.execPath, [tsc, '--emitDeclarationOnly'], root);
  const cjs = join(dist, 'cjs');
  mkdirSync(cjs, { recursive: true });
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of readdirSync(dist, { recursive: true })) {
    if (name.endsWith('.d.ts') && !name.startsWith('cjs'))
      cpSync(join(dist, name), join(cjs, name));
  }
}

mkdirSync(dist, { recursive: true });
buildAddon();
await bundle();
declare();
