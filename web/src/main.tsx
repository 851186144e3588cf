// Start: words and theme first, then who is asking, then the screen.
import './style/tokens.css';
import './style/base.css';
import './style/kit.css';
import './style/shell.css';
import { render } from 'preact';
import { App } from './app';
import { preferredLang, t, useLang } from './i18n/index';
import { startRouter } from './base/router';
import { startTheme } from './base/theme';
import { startDrain } from './api/drain';
import { registerWorker } from './base/worker';
import { loadMe } from './api/session';

startTheme();
startRouter(() => confirm(t('form.leave')));
const who = loadMe(); // asked while the words are on their way
await useLang(preferredLang());
const root = document.getElementById('app')!;
root.textContent = '';
render(<App />, root);
startDrain();
await who;
registerWorker();
