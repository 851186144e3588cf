// Checks in this browser what the server claims: that an entry's leaf is made of its salt and body, and that the leaf lies in the tree
// of a signed head (RFC 9162 2.1.3.2). Nothing is taken on trust but the head, which can be held against one kept elsewhere.
export type Digest = (bytes: Uint8Array) => Promise<Uint8Array>;

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
}

export function fromHex(text: string): Uint8Array {
    const bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
    return bytes;
}

export function toHex(bytes: Uint8Array): string {
    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

function join(...parts: Uint8Array[]): Uint8Array {
    const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
    let at = 0;
    for (const part of parts) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
}

// H(0x00 ‖ salt ‖ body)
export function leafOf(salt: Uint8Array, body: string, digest: Digest = sha256): Promise<Uint8Array> {
    return digest(join(new Uint8Array([0]), salt, new TextEncoder().encode(body)));
}

// True when `leaf` is leaf number `index` (from 0) of the tree with this size and root.
export async function inclusionHolds(leaf: string, index: number, size: number, proof: string[], root: string, digest: Digest = sha256): Promise<boolean> {
    if (leaf.length !== 64 || root.length !== 64 || proof.some((p) => p.length !== 64)) return false;
    if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
    let fn = BigInt(index);
    let sn = BigInt(size - 1);
    let r = fromHex(leaf);
    for (const text of proof) {
        if (sn === 0n) return false;
        const p = fromHex(text);
        if (fn & 1n || fn === sn) {
            r = await digest(join(new Uint8Array([1]), p, r));
            while (!(fn & 1n) && fn !== 0n) {
                fn >>= 1n;
                sn >>= 1n;
            }
        } else r = await digest(join(new Uint8Array([1]), r, p));
        fn >>= 1n;
        sn >>= 1n;
    }
    return sn === 0n && toHex(r) === root.toLowerCase();
}

export function canCheck(hash: string): boolean {
    return hash === 'sha256' && typeof crypto.subtle !== 'undefined';
}
