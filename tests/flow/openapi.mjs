#!/usr/bin/env node
// What is made from the table of routes: the description holds together, the files in the tree are fresh, every route has a test.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bin, ok, routes, run } from './lib.mjs';

const top = new URL('../..', import.meta.url).pathname;

// Every $ref of a document leads somewhere.
function dangling(document) {
    const bad = [];
    const look = (value) => {
        if (value === null || typeof value !== 'object') return;
        if (typeof value.$ref === 'string') {
            const found = value.$ref.replace(/^#\//, '').split('/').reduce((at, key) => at?.[key], document);
            if (found === undefined) bad.push(value.$ref);
        }
        for (const inner of Object.values(value)) look(inner);
    };
    look(document);
    return bad;
}

await run(async () => {
    const print = (...args) => execFileSync(bin, ['openapi', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const document = JSON.parse(print());
    const all = await routes();
    ok(document.openapi === '3.1.0' && all.length > 50, `OpenAPI 3.1 with ${all.length} routes`);
    ok(dangling(document).length === 0, 'every reference leads somewhere', dangling(document));
    const ids = all.map((r) => r.operation.operationId);
    ok(new Set(ids).size === ids.length, 'operation ids are unique', ids.filter((id, i) => ids.indexOf(id) !== i));
    const silent = all.filter((r) => !/[\u4e00-\u9fff]/.test(r.operation['x-summary-zh']) || !/[a-z]/.test(r.operation.summary)).map((r) => r.path);
    ok(silent.length === 0, 'every route has a summary in both languages', silent);
    const loose = all.filter((r) => r.method !== 'GET' && r.right !== 'public' && !r.operation.parameters.some((p) => p.$ref?.endsWith('IdempotencyKey')))
        .map((r) => `${r.method} ${r.path}`);
    ok(loose.every((name) => name === 'DELETE /session' || ['POST /pick', 'POST /what-if'].includes(name)), 'every write takes an Idempotency-Key', loose);
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'tests/flow', 'tests/unit', 'tests/browser'], { cwd: top, encoding: 'utf8' })
        .split('\n').filter((name) => /\.(mjs|sh|c)$/.test(name) && !name.endsWith('openapi.mjs'));
    const text = files.map((name) => readFileSync(top + name, 'utf8')).join('\n');
    const named = (r) => new RegExp(`${r.method} ${r.path.replace(/[.{}]/g, '\\$&')}(?![\\w/{])`).test(text);
    const untested = all.filter((r) => !named(r)).map((r) => `${r.method} ${r.path}`);
    ok(untested.length === 0, 'every route is named by a test', untested.join('\n'));
    ok(readFileSync(`${top}web/src/api/types.ts`, 'utf8') === print('--typescript'), 'web/src/api/types.ts is fresh (make types)');
    ok(readFileSync(`${top}docs/api.md`, 'utf8') === print('--markdown'), 'docs/api.md is fresh (make types)');
});
