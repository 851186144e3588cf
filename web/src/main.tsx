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
await useLang(preferredLang());
render(<App />, document.getElementById('app')!);
startDrain();
void loadMe();
registerWorker();
