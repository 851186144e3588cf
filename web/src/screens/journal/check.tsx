// The proof of one entry, fetched and checked here: leaf from salt and body, leaf in the tree of the signed head.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n/index';
import { moment } from '../../base/format';
import { get } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { Failure, Skeleton, StatusTag } from '../../kit/state';
import { canCheck, fromHex, inclusionHolds, leafOf, toHex } from './proof';

interface ProofReply {
    position: string;
    size: number;
    leaf: string;
    salt?: string | null;
    body?: string | null; // the exact bytes, as text
    proof: string[];
    head: { hash: string; size: number; root: string; at: string; key: string; signature: string };
}

interface Verdict {
    leaf: boolean | null; // null: the body was erased, the leaf stays
    tree: boolean | null; // null: this browser can not compute the hash
    reply: ProofReply;
}

async function check(reply: ProofReply): Promise<Verdict> {
    if (!canCheck(reply.head.hash)) return { leaf: null, tree: null, reply };
    const leaf = reply.body && reply.salt ? toHex(await leafOf(fromHex(reply.salt), reply.body)) === reply.leaf : null;
    const tree = await inclusionHolds(reply.leaf, Number(reply.position) - 1, reply.size, reply.proof, reply.head.root);
    return { leaf, tree, reply };
}

export function Proof({ position }: { position: string }) {
    const [verdict, setVerdict] = useState<Verdict | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const start = (): void => {
        setProblem(null);
        get<ProofReply>(`/journal/${position}/proof`).then(check).then(setVerdict).catch((error: unknown) => setProblem(asProblem(error)));
    };
    useEffect(start, [position]);
    return (
        <section class="panel" aria-labelledby="proof-title">
            <div class="panel-head"><h2 id="proof-title">{t('proof.title')}</h2><Button kind="quiet" icon="refresh" onClick={start}>{t('proof.again')}</Button></div>
            {problem ? <Failure problem={problem} onRetry={start} /> : !verdict ? <Skeleton rows={2} /> : <Result verdict={verdict} />}
        </section>
    );
}

function Result({ verdict: { leaf, tree, reply } }: { verdict: Verdict }) {
    return (
        <div class="stack" role="status">
            <p>
                {tree === null ? <StatusTag state="unreported" label={t('proof.cannot')} />
                    : tree && leaf !== false ? <StatusTag state="ok" label={t('proof.holds')} /> : <StatusTag state="critical" label={t('proof.broken')} />}
            </p>
            <ul class="proof-steps">
                {leaf !== null && <li><StatusTag state={leaf ? 'ok' : 'critical'} label={t(leaf ? 'proof.leaf' : 'proof.leaf.not')} /></li>}
                {tree !== null && <li><StatusTag state={tree ? 'ok' : 'critical'} label={t(tree ? 'proof.tree' : 'proof.tree.not', { n: reply.size })} /></li>}
                <li class="muted">{t('proof.head', { at: moment(reply.head.at, true), n: reply.head.size })}</li>
            </ul>
            <details>
                <summary>{t('proof.details')}</summary>
                <dl class="facts">
                    <dt>{t('proof.leaf.word')}</dt><dd><code class="hash">{reply.leaf}</code></dd>
                    <dt>{t('journal.root')}</dt><dd><code class="hash">{reply.head.root}</code></dd>
                    <dt>{t('proof.path')}</dt><dd>{reply.proof.length === 0 ? '—' : reply.proof.map((p) => <code key={p} class="hash">{p}<br /></code>)}</dd>
                </dl>
            </details>
        </div>
    );
}
