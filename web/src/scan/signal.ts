// What a scan sounds and feels like: a clerk looks at the carton, not at the screen.
let audio: AudioContext | null = null;

function beep(frequency: number, startS: number, lengthS: number): void {
    if (!audio) return;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0.12, audio.currentTime + startS);
    gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + startS + lengthS);
    tone.connect(gain).connect(audio.destination);
    tone.start(audio.currentTime + startS);
    tone.stop(audio.currentTime + startS + lengthS);
}

export function announce(kind: 'line' | 'more' | 'refused'): void {
    try {
        audio ??= new AudioContext();
        if (kind === 'line') beep(1320, 0, 0.12);
        else if (kind === 'more') beep(880, 0, 0.08);
        else {
            beep(220, 0, 0.25);
            beep(180, 0.3, 0.35);
        }
        navigator.vibrate?.(kind === 'refused' ? [120, 60, 120] : 40);
    } catch {
        // A machine without sound: the screen says the same.
    }
}
