// A thousand live screens: memory of the server while they listen and something happens.
import net from 'node:net';
import { bar, pause, rssMb, say } from './lib.mjs';

const COUNT = 1000;

export async function screens(server, person, write) {
    const { hostname, port } = new URL(server.url);
    const open = [];
    let heard = 0, failed = 0;
    const before = rssMb(server.pid);
    for (let i = 0; i < COUNT; i++) {
        const socket = net.connect(Number(port), hostname);
        open.push(socket);
        await new Promise((done) => {
            let first = true;
            socket.on('error', () => (failed++, done()));
            socket.on('data', (data) => {
                if (first) {
                    first = false;
                    if (!data.toString('latin1').startsWith('HTTP/1.1 200')) failed++;
                    done();
                } else if (data.includes('data:')) heard++;
            });
            socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${person.cookie}\r\nAccept: text/event-stream\r\n\r\n`);
        });
    }
    for (let i = 0; i < 5; i++) {
        await write();
        await pause(300);
    }
    const after = rssMb(server.pid);
    say(`${COUNT} screens: ${failed} refused, ${heard} pieces of news heard, ${before.toFixed(1)} MB before`);
    bar('memory, 1,000 live screens', `${after.toFixed(1)} MB`, failed === 0 && heard >= COUNT && after <= 64, '<= 64 MB, every screen hears');
    for (const socket of open) socket.destroy();
}
