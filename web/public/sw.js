// The service worker, by hand: keeps the shell so that the application opens without network, and touches nothing under /api, whose
// answers are never kept here (the screens keep what may be read offline, by name and with its time). VERSION and FILES are written by the build.
const VERSION = "__VERSION__";
const FILES = ["__FILES__"];
const SHELL = `baogong-shell-${VERSION}`;
const EXTRA = 'baogong-extra';

self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))));
});

self.addEventListener('activate', (event) => {
    event.waitUntil((async () => {
        for (const name of await caches.keys()) if (name.startsWith('baogong-shell-') && name !== SHELL) await caches.delete(name);
        await self.clients.claim();
    })());
});

self.addEventListener('message', (event) => {
    if (event.data === 'take-over') self.skipWaiting();
});

async function shellFirst(request) {
    const kept = await caches.match(request, { ignoreSearch: true });
    return kept ?? fetch(request);
}

// Maps and the scanner's decoder: kept once used, the newest when the network gives it.
async function keepWhenUsed(request, hashed) {
    const cache = await caches.open(EXTRA);
    const kept = await cache.match(request);
    if (kept && hashed) return kept;
    try {
        const fresh = await fetch(request);
        if (fresh.ok) await cache.put(request, fresh.clone());
        return fresh;
    } catch (error) {
        if (kept) return kept;
        throw error;
    }
}

self.addEventListener('fetch', (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return;
    if (url.pathname.endsWith('.wasm')) event.respondWith(keepWhenUsed(event.request, true));
    else if (url.pathname.startsWith('/regions/')) event.respondWith(keepWhenUsed(event.request, false));
    else if (event.request.mode === 'navigate') event.respondWith(shellFirst(new Request('./')));
    else event.respondWith(shellFirst(event.request));
});
