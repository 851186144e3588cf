// What if: sliders change a copy of the document, the engine answers at once, and base and answer stand side by side.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addDays, exact } from '../../base/format';
import { nameOf, t } from '../../i18n/index';
import { post } from '../../api/compute';
import { asProblem, type Problem } from '../../api/problem';
import { can } from '../../api/session';
import { go, href } from '../../base/router';
import { Button } from '../../kit/button';
import { Checkbox, Field, Select } from '../../kit/field';
import { Failure, Num } from '../../kit/state';
import { toastProblem } from '../../kit/toast';
import type { Document, Live, StandardAnswer, Trial } from './types';
import { changed, isChanged, UNCHANGED, type Change } from './what';
import { percentOf, roundsWords, sentence, spoken, until } from './words';

const WAIT_MS = 120; // a slider that moves asks when it pauses

export function WhatIf({ live, base, item, name }: { live: Live; base: StandardAnswer; item: StandardAnswer['items'][number]; name: string }) {
    const [change, setChange] = useState<Change>(UNCHANGED);
    const [answer, setAnswer] = useState<StandardAnswer | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);
    const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const document = changed(live.standard, live.tables, change);
    useEffect(() => {
        const control = new AbortController();
        if (!isChanged(change)) {
            setAnswer(null);
            return () => control.abort();
        }
        setBusy(true);
        timer.current = setTimeout(() => {
            post<StandardAnswer>('/what-if', { method: 'standard' }, document, control.signal)
                .then((a) => (setAnswer(a), setProblem(null)))
                .catch((error: unknown) => {
                    if (!control.signal.aborted) setProblem(asProblem(error));
                })
                .finally(() => !control.signal.aborted && setBusy(false));
        }, WAIT_MS);
        return () => {
            clearTimeout(timer.current);
            control.abort();
        };
    }, [JSON.stringify(change), live.at]);
    const set = (part: Partial<Change>): void => setChange({ ...change, ...part });
    const there = answer?.items.find((i) => i.item === item.item);
    const slider = (label: string, value: number, min: number, max: number, step: number, shown: string, put: (n: number) => void) => (
        <Field label={label} hint={shown}>
            {(ids) => <input {...ids} class="slider" type="range" min={min} max={max} step={step} value={value} onInput={(event) => put(Number(event.currentTarget.value))} />}
        </Field>
    );
    return (
        <section class="panel what-if" aria-labelledby="what-title" aria-busy={undefined}>
            <div class="panel-head">
                <h2 id="what-title">{t('what.title')}</h2>
                {isChanged(change) && <Button kind="quiet" onClick={() => setChange(UNCHANGED)}>{t('what.reset')}</Button>}
            </div>
            <div class="sliders">
                {slider(t('what.round'), change.round, 0, Math.min(14, live.standard.days), 1, change.round === 0 ? t('what.none') : spoken(addDays(live.standard.date, change.round)), (round) => set({ round }))}
                {slider(t('what.sealed'), change.sealed, 0, 300000, 10000, `+${exact(change.sealed)}`, (sealed) => set({ sealed }))}
                {slider(t('what.sampler'), change.sampler, 150, 360, 10, t('what.sampler.n', { n: change.sampler }), (sampler) => set({ sampler }))}
                <Field label={t('what.mode')}>{(ids) => <Select {...ids} value={change.mode} onValue={(mode) => set({ mode })} options={['normal', 'extended', 'crisis'].map((m) => ({ value: m, label: t(`mode.${m}` as 'mode.normal') }))} />}</Field>
                {live.standard.scenario && <Field label={t('basis.scenario')}>{(ids) => <Select {...ids} value={change.scenario} onValue={(scenario) => set({ scenario })} options={['controlled', 'delayed', 'fails'].map((m) => ({ value: m, label: t(`scenario.${m}` as 'scenario.controlled') }))} />}</Field>}
                <Checkbox label={t('what.supplier')} checked={change.supplierOut} onValue={(supplierOut) => set({ supplierOut })} />
            </div>
            {problem && <Failure problem={problem} />}
            <div class="sides" role="status">
                <Side title={t('what.base')} trial={item.outlook} standard={levelOf(item, base.level)} words={sentence(item, live.standard, name)} document={live.standard} />
                <Side title={t('what.then')} trial={there?.outlook} standard={there ? levelOf(there, base.level) : undefined} words={there ? sentence(there, document, name) : t('what.move')} document={document} />
            </div>
            {answer && (
                <p class="actions">
                    <span class="muted what-seconds">{t('what.seconds', { ms: Math.max(1, Math.round(answer.seconds * 1000)) })}{busy ? ' …' : ''}</span>
                    {can('run.ask') && <Button onClick={() => {
                        void post<{ id: string }>('/runs', { method: 'standard', title: t('what.run-title', { name: nameOf(item) }) }, document)
                            .then((run) => go(href(`runs/${run.id}`)), toastProblem);
                    }}>{t('what.keep')}</Button>}
                </p>
            )}
            <Uplift item={item} document={live.standard} />
        </section>
    );
}

function levelOf(item: StandardAnswer['items'][number], level: number): number | undefined {
    return (item.levels.find((l) => l.level === level) ?? item.levels[0])?.standard;
}

function Side({ title, trial, standard, words, document }: { title: string; trial: Trial | undefined; standard: number | undefined; words: string; document: Document }) {
    return (
        <div class="side">
            <h3>{title}</h3>
            <p>{words}</p>
            {trial && (
                <dl class="facts">
                    <dt>{t('basis.sure')}</dt><dd>{trial.enough_until_90 ? spoken(until(trial.enough_until_90)) : t('basis.beyond')}</dd>
                    <dt>{t('basis.rounds')}</dt><dd>{roundsWords(trial, document)}</dd>
                    <dt>{t('basis.service')}</dt><dd>{percentOf(trial.service)}</dd>
                    <dt>{t('basis.unmet')}</dt><dd><Num value={Math.round(trial.unmet)} full /></dd>
                    <dt>{t('what.standard')}</dt><dd><Num value={standard} full /></dd>
                </dl>
            )}
        </div>
    );
}

// What an uplift buys: not a percentage but service, days, rounds, money.
function Uplift({ item, document }: { item: StandardAnswer['items'][number]; document: Document }) {
    const rows = item.uplifts ?? [];
    const [at, setAt] = useState(Math.min(2, Math.max(0, rows.length - 1)));
    const row = rows[at];
    if (!row) return null;
    return (
        <div class="uplift">
            <h3>{t('uplift.title')}</h3>
            <Field label={t('uplift.label')} hint={`+${Math.round(row.uplift * 100)}%`}>
                {(ids) => <input {...ids} class="slider" type="range" min={0} max={rows.length - 1} step={1} value={at} onInput={(event) => setAt(Number(event.currentTarget.value))} />}
            </Field>
            <dl class="facts">
                <dt>{t('uplift.stock')}</dt><dd><Num value={Math.round(row.stock)} full /></dd>
                <dt>{t('basis.service')}</dt><dd><strong>{percentOf(row.service)}</strong></dd>
                <dt>{t('basis.sure')}</dt><dd>{row.enough_until_90 ? spoken(until(row.enough_until_90)) : t('basis.enough.short', { days: document.days })}</dd>
                <dt>{t('basis.rounds')}</dt><dd>{roundsWords(row, document)}</dd>
                <dt>{t('uplift.money')}</dt><dd>{t('uplift.yuan', { n: exact(Math.round(row.money)) })}</dd>
                <dt>{t('uplift.waste')}</dt><dd><Num value={Math.round(row.expires_unused)} full /></dd>
            </dl>
        </div>
    );
}
