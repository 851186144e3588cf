// The lines made so far: quantity can be changed, a line taken out.
import { nameOf, t, word } from '../../i18n/index';
import { exact } from '../../base/format';
import { named } from '../../api/names';
import type { Line } from '../../scan/session';
import { IconButton } from '../../kit/button';
import { NumberInput, readQuantity } from '../../kit/field';
import { Tag } from '../../kit/state';
import { useState } from 'preact/hooks';

export function Lines({ lines, onQuantity, onDrop, errors }: {
    lines: Line[];
    onQuantity: (key: string, quantity: number) => void;
    onDrop: (key: string) => void;
    errors: Map<number, string>;
}) {
    if (lines.length === 0) return <p class="muted lines-empty">{t('work.lines.empty')}</p>;
    return (
        <ol class="work-lines" aria-label={t('work.lines')}>
            {lines.map((line, i) => <LineRow key={line.key} line={line} onQuantity={onQuantity} onDrop={onDrop} error={errors.get(i)} />)}
        </ol>
    );
}

function LineRow({ line, onQuantity, onDrop, error }: {
    line: Line;
    onQuantity: (key: string, quantity: number) => void;
    onDrop: (key: string) => void;
    error: string | undefined;
}) {
    const item = named('items', line.item);
    const [typed, setTyped] = useState<string | null>(null);
    const name = nameOf(item);
    return (
        <li class={error ? 'bad' : undefined}>
            <div class="line-what">
                <strong>{name}</strong>
                <span class="muted">{line.batch ? `${t('kind.lot')} ${line.batch}` : t('lot.none')}{line.expiry && ` · ${t('lot.expiry')} ${line.expiry}`}
                    {line.made && ` · ${t('lot.made')} ${line.made}`}{line.serials.length > 0 && ` · ${t('scan.field.serial')} ${exact(line.serials.length)}`}</span>
                {!line.scanned && <Tag>{t('work.typed')}</Tag>}
                {error && <span class="field-error" role="alert">{error}</span>}
            </div>
            <NumberInput aria-label={t('work.quantity.of', { item: name })} value={typed ?? String(line.quantity)} unit={item?.unit ? word('unit', item.unit) : ''}
                onValue={(value) => {
                    setTyped(value);
                    const read = readQuantity(value);
                    if (read !== null && read > 0) onQuantity(line.key, read);
                }} />
            <IconButton icon="close" label={t('work.line.drop', { item: name })} onClick={() => onDrop(line.key)} />
        </li>
    );
}
