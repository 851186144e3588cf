// Operation ids: UUID version 7 (RFC 9562), made here before anything is sent, so that a repeat is known as the same operation.
let lastMs = 0;
let sequence = 0;

export function operationId(nowMs: number = Date.now()): string {
    // Within one millisecond a 12-bit counter keeps the ids in the order they were made.
    if (nowMs > lastMs) {
        lastMs = nowMs;
        sequence = Math.floor(Math.random() * 1024);
    } else {
        sequence += 1;
        if (sequence > 0xfff) {
            lastMs += 1;
            sequence = 0;
        }
    }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let ms = lastMs;
    for (let i = 5; i >= 0; i--) {
        bytes[i] = ms % 256;
        ms = Math.floor(ms / 256);
    }
    bytes[6] = 0x70 | (sequence >> 8);
    bytes[7] = sequence & 0xff;
    bytes[8] = 0x80 | (bytes[8]! & 0x3f);
    const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
