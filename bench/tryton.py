"""Tryton in this process (no network in between, which favours it): receipts in batches of 100 lines, issues one by one with lot, assigned and
posted, each with its own commit, as a depot works. Prints one JSON line: CPU of this process a line; that of its database is on top.
  tryton.py CONFIG DATABASE RECEIPTS ISSUES"""
import datetime
import json
import random
import sys
import time
from decimal import Decimal

from trytond.config import config

config.update_etc(sys.argv[1])
from trytond.pool import Pool  # noqa: E402 (the configuration comes first)
from trytond.transaction import Transaction  # noqa: E402

database, receipts, issues = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
Pool.start()
pool = Pool(database)
with Transaction().start(database, 0, readonly=True):
    pool.init()


def get(name):
    return pool.get(name)


def set_up():
    """A company, 40 products, 5 lots each. Returns what the moves need."""
    with Transaction().start(database, 1) as transaction:
        party, = get('party.party').create([{'name': 'City'}])
        currency, = get('currency.currency').create([{
            'name': 'yuan', 'symbol': 'Y', 'code': 'CNY', 'rates': [('create', [{'date': datetime.date(2020, 1, 1), 'rate': Decimal(1)}])]}])
        company, = get('company.company').create([{'party': party.id, 'currency': currency.id}])
        user = get('res.user')(1)
        get('res.user').write([user], {'companies': [('add', [company.id])], 'company': company.id})
        transaction.commit()
    with Transaction().start(database, 1, context={'company': company.id}) as transaction:
        unit, = get('product.uom').search([('name', '=', 'Unit')], limit=1)
        templates = get('product.template').create([{
            'name': 'item %d' % i, 'type': 'goods', 'default_uom': unit.id, 'list_price': Decimal(1), 'cost_price_method': 'fixed',
            'products': [('create', [{'code': 'I%03d' % i, 'cost_price': Decimal(1)}])]} for i in range(40)])
        products = [t.products[0].id for t in templates]
        lots = get('stock.lot').create([{'number': 'L%d-%d' % (p, k), 'product': p} for p in products for k in range(5)])
        place = {kind: get('stock.location').search([('type', '=', kind)], limit=1)[0].id for kind in ('supplier', 'storage', 'customer')}
        pairs = [(lot.product.id, lot.id) for lot in lots]
        transaction.commit()
    return company.id, unit.id, pairs, place


def move(pair, quantity, source, target, company, unit):
    return {'product': pair[0], 'lot': pair[1], 'uom': unit, 'quantity': quantity, 'from_location': source, 'to_location': target,
            'company': company, 'currency': get('company.company')(company).currency.id, 'unit_price': Decimal(1)}


def receive(company, unit, pairs, place, count):
    Move = get('stock.move')
    for _ in range(count // 100):
        with Transaction().start(database, 1, context={'company': company}) as transaction:
            lines = [move(random.choice(pairs), 50, place['supplier'], place['storage'], company, unit) for _ in range(100)]
            Move.do(Move.create(lines))
            transaction.commit()


def issue(company, unit, pairs, place, count):
    Move = get('stock.move')
    done = 0
    for _ in range(count):
        with Transaction().start(database, 1, context={'company': company}) as transaction:
            moves = Move.create([move(random.choice(pairs), 5, place['storage'], place['customer'], company, unit)])
            if Move.assign_try(moves, grouping=('product', 'lot')):
                Move.do(moves)
                done += 1
            transaction.commit()
    return done


def timed(what, count, *args):
    cpu, wall = time.process_time(), time.time()
    done = what(*args, count)
    return (time.process_time() - cpu) * 1e3 / count, (time.time() - wall) * 1e3 / count, done


random.seed(1)
base = set_up()
receive(*base, 100)  # warm
issue(*base, 3)
r, r_wall, _ = timed(receive, receipts, *base)
i, i_wall, done = timed(issue, issues, *base)
print(json.dumps({'receive_ms': r, 'receive_wall_ms': r_wall, 'issue_ms': i, 'issue_wall_ms': i_wall, 'issued': done}))
