// Decodes camera pictures. It runs apart from the page for two reasons: the page stays quick, and only this one file is served with a
// policy that allows WebAssembly.
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

const scope = self as unknown as { onmessage: ((event: MessageEvent<ImageData>) => void) | null; postMessage: (message: unknown) => void };

prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? new URL(wasm, import.meta.url).href : prefix + path) } });

const OPTIONS: ReaderOptions = {
    formats: ['DataMatrix', 'Code128', 'QRCode', 'EAN13', 'EAN8', 'UPCA', 'UPCE', 'ITF', 'DataBar', 'DataBarExpanded'] as ReaderOptions['formats'],
    tryHarder: true,
    tryRotate: true,
    tryInvert: false,
    maxNumberOfSymbols: 2,
};

scope.onmessage = async ({ data }) => {
    try {
        const found = await readBarcodes(data, OPTIONS);
        // Bytes, not text: the text comes with brackets for people, the bytes with FNC1 as the separator.
        const scans = found.filter((r) => r.isValid).map((r) => r.symbologyIdentifier + Array.from(r.bytes, (b) => String.fromCharCode(b)).join(''));
        scope.postMessage({ scans });
    } catch (error) {
        scope.postMessage({ error: String(error) });
    }
};
