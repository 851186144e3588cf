// The camera as a scanner: a picture every tenth of a second goes to the worker until it reads something. The same code is not
// reported twice while it stays in view.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { Button } from '../kit/button';
import { Icon } from '../kit/icons';

const EVERY_MS = 100;
const WIDTH = 1280;
const AGAIN_MS = 2500;

type Trouble = 'insecure' | 'denied' | 'none' | 'decoder';

export function Camera({ onScan, onClose }: { onScan: (raw: string) => void; onClose: () => void }) {
    const video = useRef<HTMLVideoElement>(null);
    const [trouble, setTrouble] = useState<Trouble | null>(null);
    const [ready, setReady] = useState(false);
    const handler = useRef(onScan);
    handler.current = onScan;

    useEffect(() => {
        let stopped = false;
        let stream: MediaStream | null = null;
        let timer: ReturnType<typeof setTimeout>;
        let last = { raw: '', at: 0 };
        if (!navigator.mediaDevices) {
            setTrouble('insecure');
            return;
        }
        const worker = new Worker(new URL('./scan-worker.ts', import.meta.url), { type: 'module' });
        const canvas = document.createElement('canvas');
        const context = canvas.getContext('2d', { willReadFrequently: true })!;
        const look = (): void => {
            const element = video.current;
            if (stopped || !element) return;
            if (element.readyState < 2 || element.videoWidth === 0) {
                timer = setTimeout(look, EVERY_MS);
                return;
            }
            const scale = Math.min(1, WIDTH / element.videoWidth);
            canvas.width = Math.round(element.videoWidth * scale);
            canvas.height = Math.round(element.videoHeight * scale);
            context.drawImage(element, 0, 0, canvas.width, canvas.height);
            const picture = context.getImageData(0, 0, canvas.width, canvas.height);
            worker.postMessage(picture, [picture.data.buffer]);
        };
        worker.onmessage = ({ data }: MessageEvent<{ scans?: string[]; error?: string }>) => {
            if (stopped) return;
            if (data.error) setTrouble('decoder');
            for (const raw of data.scans ?? []) {
                const now = Date.now();
                if (raw === last.raw && now - last.at < AGAIN_MS) {
                    last.at = now;
                    continue;
                }
                last = { raw, at: now };
                handler.current(raw);
            }
            timer = setTimeout(look, EVERY_MS);
        };
        worker.onerror = () => setTrouble('decoder');
        navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1920 } }, audio: false }).then(async (got) => {
            stream = got;
            if (stopped || !video.current) {
                for (const track of got.getTracks()) track.stop();
                return;
            }
            video.current.srcObject = got;
            await video.current.play();
            setReady(true);
            look();
        }).catch((error: unknown) => {
            setTrouble(error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'none');
        });
        return () => {
            stopped = true;
            clearTimeout(timer);
            worker.terminate();
            for (const track of stream?.getTracks() ?? []) track.stop();
        };
    }, []);

    return (
        <div class="camera">
            {trouble ? <p class="notice low" role="alert"><Icon name="warn" size={16} /> {t(`camera.${trouble}`)}</p>
                : <video ref={video} muted playsInline aria-label={t('camera.picture')} class={ready ? 'ready' : undefined} />}
            {!trouble && <span class="camera-aim" aria-hidden="true" />}
            <Button icon="close" onClick={onClose}>{t('camera.close')}</Button>
        </div>
    );
}
