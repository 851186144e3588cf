// Importing 100,000 rows by the command: CPU, and what each row beyond them takes of memory.
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bar, bin, cpuOf, peakMb } from './lib.mjs';

function measured(args) {
    const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let peak = 0, cpu = 0, out = '';
    const look = () => {
        try {
            peak = Math.max(peak, peakMb(child.pid));
            cpu = Math.max(cpu, cpuOf(child.pid));
        } catch { /* it has ended */ }
    };
    const timer = setInterval(look, 10);
    child.stdout.on('data', (data) => (look(), (out += data)));
    child.stderr.on('data', (data) => (out += data));
    return new Promise((done, fail) => child.on('close', (code) => {
        clearInterval(timer);
        if (code !== 0) fail(new Error(`${args.join(' ')}: ${code} ${out.slice(0, 400)}`));
        done({ peak, cpu });
    }));
}

const file = (folder, name, rows) => {
    const path = join(folder, name);
    const lines = Array.from({ length: rows }, (_, i) => `I${String(i).padStart(6, '0')},示例品种${i},Item ${i},规格 ${i % 97},件,常温,1095,true,false`);
    writeFileSync(path, 'code,name_zh,name_en,spec,unit,storage,shelf_life_days,lotted,key_item\n' + lines.join('\n') + '\n');
    return path;
};

export async function imports(folder) {
    const fresh = (name) => join(folder, name); // a city is made where there is none
    const whole = file(folder, 'whole.csv', 100_000), many = file(folder, 'many.csv', 300_000), book = join(folder, 'whole.xlsx');
    const db = fresh('import-1.db');
    const csv = await measured(['import', 'items', whole, '--db', db]);
    const more = await measured(['import', 'items', many, '--db', fresh('import-2.db')]);
    execFileSync(bin, ['export', 'items', '--db', db, '--format', 'xlsx', '--output', book]);
    const xlsx = await measured(['import', 'items', book, '--db', fresh('import-3.db')]);
    bar('import of 100,000 rows CSV / XLSX, CPU', `${csv.cpu.toFixed(2)} / ${xlsx.cpu.toFixed(2)} s`, csv.cpu <= 3 && xlsx.cpu <= 6, '<= 3 / 6 s');
    const each = ((more.peak - csv.peak) * 2 ** 20) / 200_000;
    bar('its memory', `${csv.peak.toFixed(0)} MB, XLSX ${xlsx.peak.toFixed(0)} MB; ${each.toFixed(0)} bytes for each row more`, each <= 256, 'flat: <= 256 bytes a row, the keys already seen');
}
