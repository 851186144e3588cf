// A screen whose code is loaded when it is first shown, and a frame that keeps a broken screen from taking the shell with it.
import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { asProblem, Problem } from '../api/problem';
import { Failure, Skeleton } from './state';

// The same for a part of a screen, with properties.
export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
    let ready: ComponentType<P> | null = null;
    return function Lazy(props: P) {
        const [Part, setPart] = useState<ComponentType<P> | null>(() => ready);
        const [problem, setProblem] = useState<Problem | null>(null);
        const start = (): void => {
            setProblem(null);
            load().then((loaded) => {
                ready = loaded;
                setPart(() => loaded);
            }).catch(() => setProblem(new Problem(0, { code: 'web.offline' })));
        };
        useEffect(() => {
            if (!Part) start();
        }, []);
        if (problem) return <Failure problem={problem} onRetry={start} />;
        return Part ? <Part {...props} /> : <Skeleton rows={6} />;
    };
}

export function lazy(load: () => Promise<{ default: ComponentType }>): ComponentType {
    return lazyPart(() => load().then((module) => module.default));
}

export class Boundary extends Component<{ children: ComponentChildren; name: string }, { problem: Problem | null }> {
    override state = { problem: null as Problem | null };

    override componentDidCatch(error: unknown): void {
        console.error(error);
        const detail = asProblem(error).detail;
        this.setState({ problem: new Problem(500, { code: 'web.screen', title: t('problem.screen'), title_en: t('problem.screen'), detail, detail_en: detail }) });
    }

    override componentDidUpdate(before: { name: string }): void {
        if (before.name !== this.props.name && this.state.problem) this.setState({ problem: null });
    }

    render() {
        return this.state.problem ? <Failure problem={this.state.problem} onRetry={() => this.setState({ problem: null })} /> : this.props.children;
    }
}
