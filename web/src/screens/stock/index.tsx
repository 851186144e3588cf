// Stock: the seven numbers by item and place, the lots behind them, any past date; pages of one item, place, lot, document, movement.
import { t } from '../../i18n/index';
import { place as address } from '../../base/router';
import { Empty } from '../../kit/state';
import { StockList } from './list';
import { ItemPage, LotPage, PlacePage } from './pages';
import { DocumentPage, MovementPage, MovementsPage } from './movements';
import { ReviewsPage } from './reviews';
import './stock.css';

export default function StockScreen() {
    const [, kind, id] = address.value.path;
    if (!kind) return <StockList />;
    if (kind === 'movements' && !id) return <MovementsPage />;
    if (kind === 'reviews') return <ReviewsPage />;
    if (!id) return <Empty page title={t('unknown.screen')} />;
    switch (kind) {
        case 'items': return <ItemPage key={id} id={id} />;
        case 'places': return <PlacePage key={id} id={id} />;
        case 'lots': return <LotPage key={id} id={id} />;
        case 'documents': return <DocumentPage key={id} id={id} />;
        case 'movements': return <MovementPage key={id} id={id} />;
        default: return <Empty page title={t('unknown.screen')} />;
    }
}
