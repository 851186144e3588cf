#!/usr/bin/env node
// A backup with everything: an attached file, keys sealed with a passphrase, a signed head kept elsewhere; restored to another place. Then
// the archive: a moment restored, and a doctor who tells when the archive is gone.
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, Person, person, run } from './lib.mjs';

const files = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).length : 0);
const item = (code) => ({ code, name_zh: '医用防护口罩', unit: '只' });

await run(async (bed) => {
    const at = (name) => join(bed.folder, name);
    const archive = at('archive');
    const server = await bed.start(['--db', at('a.db'), '--rates', 'off', '--archive', archive]);
    const admin = await new Person(server.url).accept(server.first_run);
    const planner = await person(admin, 'planner', 'planner', 'city', (await admin.call('GET', '/me')).json.city.id);
    const posted = await planner.call('POST', '/items', item('MASK'));
    ok(posted.status < 300, 'an item', posted.text);
    const mask = posted.json;
    const bytes = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    let sent = { status: 404 };
    for (let i = 0; i < 100 && sent.status === 404; i++) { // until the index knows the item
        await new Promise((done) => setTimeout(done, 50));
        sent = await planner.upload(`/files?kind=item&object=${mask.id}&name=mask.png`, bytes);
    }
    const file = sent.json;
    ok(sent.status < 300, 'a file is attached', sent.text);
    const head = await admin.call('GET', '/journal/head');
    writeFileSync(at('head'), head.text);
    ok(head.status === 200, 'a signed head is kept elsewhere', head.text);
    writeFileSync(at('words'), 'seven boxes of masks and two of gloves\n');
    writeFileSync(at('wrong'), 'seven boxes of masks\n');
    chmodSync(at('words'), 0o600);
    const made = await bed.command(['backup', 'b.db', '--db', 'a.db', '--passphrase-file', 'words']);
    ok(made.code === 0 && existsSync(at('b.db.manifest')) && existsSync(at('b.db.keys')) && !existsSync(at('b.db.journal.key')) && files(at('b.db.files')) === 1,
        'a backup holds the file and the sealed keys', made.out + made.err);

    const wrong = await bed.command(['restore', 'b.db', '--db', 'w.db', '--passphrase-file', 'wrong']);
    ok(wrong.code !== 0 && wrong.err.includes('backup.passphrase') && !existsSync(at('w.db')), 'with a wrong passphrase nothing is restored', wrong.err);
    const restored = await bed.command(['restore', 'b.db', '--db', 'r.db', '--passphrase-file', 'words']);
    ok(restored.code === 0 && existsSync(at('r.db.journal.key')) && files(at('r.db.files')) === 1, 'with the right one file and keys are there', restored.out + restored.err);
    const verified = await bed.command(['verify', '--db', 'r.db', '--head', 'head']);
    ok(verified.code === 0, 'and the signed head holds for it', verified.out + verified.err);
    const copy = await bed.start(['--db', at('r.db'), '--rates', 'off']);
    planner.url = copy.url;
    const got = await planner.call('GET', `/files/${file.id}`);
    ok(got.status === 200 && got.raw.equals(bytes), 'the restored server gives the same file, to the same session', got.text);
    await copy.stop();
    planner.url = server.url;

    const moment = new Date().toISOString();
    await new Promise((done) => setTimeout(done, 20));
    await planner.call('POST', '/items', item('LATER'));
    const doctor = await bed.command(['doctor', '--db', 'a.db']);
    ok(doctor.code === 0 && /"check":"archive","verdict":"good"/.test(doctor.out), 'doctor finds the archive good', doctor.out);
    await server.stop();
    const back = await bed.command(['restore', archive, '--db', 'm.db', '--at', moment]);
    const listed = await bed.command(['export', 'items', '--db', 'm.db', '--format', 'csv']);
    ok(back.code === 0 && listed.out.includes('MASK') && !listed.out.includes('LATER'), 'a moment out of the archive', back.out + back.err + listed.out);

    renameSync(archive, at('elsewhere'));
    const gone = await bed.command(['doctor', '--db', 'a.db']);
    ok(gone.code === 1 && /"check":"archive","verdict":"bad"/.test(gone.out), 'doctor tells of an archive that is gone', gone.out);
    const again = await bed.start(['--db', at('a.db'), '--rates', 'off']);
    rmSync(archive, { recursive: true, force: true });
    writeFileSync(archive, '');
    planner.url = again.url;
    for (let i = 0; i < 8; i++) {
        await planner.call('POST', '/items', item(`MORE-${i}`));
        await new Promise((done) => setTimeout(done, 400));
    }
    const failing = await bed.command(['doctor', '--db', 'a.db']);
    ok(failing.code === 1 && /"check":"archive","verdict":"bad","value":"failing"/.test(failing.out), 'and, of a running server, that it fails', failing.out);
    await again.stop();
});
