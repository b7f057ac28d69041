"""Exports of shops nobody has heard of load by YAML written here: other headers, languages, numbers and encodings."""

from datetime import UTC, datetime
from decimal import Decimal

import yaml

from oms_core.domain.instants import to_micros
from pipelines.feeds.load import load_files
from tests.builders import facts_of, rows_of
from tests.pipelines.feeds.made_up import write_file

GERMAN = """
name: teeladen
title: {en: Tea shop, zh: 茶叶店}
kind: channel
file: order_lines
encoding: cp1252
delimiter: ";"
decimal: ","
thousands: "."
time_zone: Europe/Berlin
currency: EUR
account: {name: teeladen, channel: web, title: Teeladen}
columns:
  order_id: Beleg
  line_id: Pos
  type: Art
  sku: {column: Artikelnr., clean: [upper]}
  title: Bezeichnung
  quantity: Menge
  unit_price: Einzelpreis
  line_amount: Gesamtbetrag
  placed_at: {column: Datum, format: "%d.%m.%Y %H:%M"}
  customer_ref: Kunde
  country: {column: Land, codes: {Deutschland: DE, Österreich: AT}}
key: [order_id, line_id]
classes:
  - {class: return, when: {type: Gutschrift}}
  - {class: sale, when: {type: Rechnung}}
line_kinds:
  - {kind: shipping, when: {sku: VERSAND}}
"""
GERMAN_FILE = """\
Beleg;Pos;Art;Artikelnr.;Bezeichnung;Menge;Einzelpreis;Gesamtbetrag;Datum;Kunde;Land
R-1001;1;Rechnung;tee-01;Grüner Tee;3;12,50;37,50;02.03.2026 10:15;K-7;Deutschland
R-1001;2;Rechnung;Versand;Päckchen;1;4,95;4,95;02.03.2026 10:15;K-7;Deutschland
R-1002;1;Rechnung;TEE-02;"Kanne; \"\"groß\"\"\";120;10,25;1.230,00;28.03.2026 23:30;;Österreich
G-2001;1;Gutschrift;TEE-01;Grüner Tee;-1;12,50;-12,50;05.07.2026 09:00;K-7;Deutschland
R-1003;1;Rechnung;TEE-03;Oolong für 5 €;2;7.50;15,00;03.03.2026 08:00;;Deutschland
R-1004;1;Rechnung;TEE-03;Oolong;2;7,50;15,00;29.03.2026 02:15;;Deutschland
R-1005;1;Rechnung;TEE-03;Oolong;2;7,50;15,00;03.03.2026 08:00;;Schweiz
"""


def load_by_yaml(core, settings, text, path):
    map_path = settings.home / "maps" / f"{yaml.safe_load(text)['name']}.yml"
    map_path.parent.mkdir(exist_ok=True)
    map_path.write_text(text, encoding="utf-8")
    return load_files(core, settings, map_path.stem, [path])


def amounts(core, statement):
    return [(*rest, Decimal(amount).scaleb(-scale)) for *rest, amount, scale in rows_of(core, statement)]


def utc(*parts):
    return to_micros(datetime(*parts, tzinfo=UTC))


def test_a_german_export_loads_to_the_unit_and_cent(core, core_settings):
    path = write_file(core_settings.home / "Verkäufe.csv", GERMAN_FILE, encoding="cp1252")

    result = load_by_yaml(core, core_settings, GERMAN, path)

    assert result.refused == []
    assert (result.counts.orders, result.counts.returns, result.counts.lines) == (2, 1, 4)
    assert amounts(
        core,
        "select o.external_id, line_kind, sku, title, quantity, line_amount, money_scale from order_line as l"
        " join sales_order as o on o.order_id = l.order_id order by o.external_id, line_key",
    ) == [
        ("R-1001", "item", "TEE-01", "Grüner Tee", 3, Decimal("37.50")),
        ("R-1001", "shipping", "VERSAND", "Päckchen", 1, Decimal("4.95")),
        ("R-1002", "item", "TEE-02", 'Kanne; "groß"', 120, Decimal("1230.00")),
    ]
    assert amounts(core, "select sku, quantity, line_amount, money_scale from return_line") == [
        ("TEE-01", 1, Decimal("12.50"))
    ]
    assert rows_of(core, "select external_id, placed_at, country, currency from sales_order order by 1") == [
        ("R-1001", utc(2026, 3, 2, 9, 15), "DE", "EUR"),
        ("R-1002", utc(2026, 3, 28, 22, 30), "AT", "EUR"),
    ]
    assert rows_of(core, "select returned_at from return_order") == [(utc(2026, 7, 5, 7),)]
    assert rows_of(core, 'select row_number, "column", rule, value from feed_quarantine order by 1') == [
        (6, "Einzelpreis", "not_a_number", "7.50"),
        (7, "Datum", "time_does_not_exist", "29.03.2026 02:15"),
        (8, "Land", "unknown_code", "Schweiz"),
    ]
    facts_of(core)


CHINESE = """
name: chaye_dian
title: {en: Tea store, zh: 茶叶店}
kind: channel
file: order_lines
encoding: gb18030
delimiter: "\\t"
thousands: ","
time_zone: Asia/Shanghai
account: {name: chaye, channel: marketplace, title: 茶叶店, moves_stock: true}
location: SH
columns:
  order_id: 订单编号
  sku: 商品编码
  title: 商品名称
  quantity: 数量
  cancelled_quantity: 取消数量
  line_amount: 实付金额
  discount_amount: 优惠
  currency: {column: 币种, codes: {人民币: CNY, 美元: USD}}
  placed_at: {column: 下单日期, format: "%Y年%m月%d日", date_only: start_of_day}
  status: {column: 状态, codes: {已付款: confirmed, 已完成: closed, 已取消: cancelled}}
  customer_ref: 买家
  customer_phone: 电话
constants: {country: CN}
group: [order_id]
locations:
  SH: {name: 上海仓, country: CN, allows_negative_stock: true}
"""
CHINESE_FILE = """\
订单编号\t商品编码\t商品名称\t数量\t取消数量\t实付金额\t优惠\t币种\t下单日期\t状态\t买家\t电话
0000123\t茶-001\t龙井茶\t2\t0\t1,256.80\t10.00\t人民币\t2026年03月02日\t已完成\t张三\t13800000000
0000123\t茶-001\t龙井茶\t2\t0\t1,256.80\t10.00\t人民币\t2026年03月02日\t已完成\t张三\t13800000000
0000123\t壶-9\t紫砂壶\t3\t1\t88.5\t\t人民币\t2026年03月02日\t已完成\t张三\t13800000000
0000124\t茶-001\t龙井茶\t1\t0\t19.99\t0\t美元\t2026年03月03日\t已取消\t\t
0000125\t茶-001\t龙井茶\t五\t0\t5\t0\t人民币\t2026年03月03日\t已付款\t\t
0000126\t茶-001\t龙井茶\t1\t0\t5\t0\t欧元\t2026年03月03日\t已付款\t\t
"""


def test_a_chinese_export_loads_to_the_unit_and_cent(core, core_settings):
    path = write_file(core_settings.home / "订单.tsv", CHINESE_FILE, encoding="gb18030")

    result = load_by_yaml(core, core_settings, CHINESE, path)

    assert result.refused == []
    assert (result.counts.orders, result.counts.lines, result.counts.movements) == (2, 4, 3)
    assert amounts(
        core,
        "select o.external_id, sku, quantity, cancelled_quantity, line_amount, money_scale from order_line as l"
        " join sales_order as o on o.order_id = l.order_id order by o.external_id, sku, line_key",
    ) == [
        ("0000123", "壶-9", 3, 1, Decimal("88.5")),
        ("0000123", "茶-001", 2, 0, Decimal("1256.80")),
        ("0000123", "茶-001", 2, 0, Decimal("1256.80")),  # an equal row, without a key of its own
        ("0000124", "茶-001", 1, 0, Decimal("19.99")),
    ]
    midnight = utc(2026, 3, 1, 16)  # 0:00 in Shanghai, eight hours ahead
    assert rows_of(core, "select external_id, placed_at, lifecycle, currency, country from sales_order order by 1") == [
        ("0000123", midnight, "closed", "CNY", "CN"),
        ("0000124", midnight + 24 * 3_600_000_000, "cancelled", "USD", "CN"),
    ]
    assert rows_of(core, "select sku, kind, quantity, occurred_at from stock_movement order by sku, movement_id") == [
        ("壶-9", "ship", -2, midnight),  # 3 ordered, 1 cancelled
        ("茶-001", "ship", -2, midnight),
        ("茶-001", "ship", -2, midnight),
    ]
    assert rows_of(core, "select sku, on_hand from stock_balance order by sku") == [("壶-9", -2), ("茶-001", -4)]
    assert rows_of(core, "select external_ref, phone from customer_personal") == [("张三", "13800000000")]
    assert rows_of(core, 'select row_number, "column", rule, value from feed_quarantine order by 1') == [
        (6, "数量", "not_a_whole_number", "五"),
        (7, "币种", "unknown_code", "欧元"),
    ]
    facts_of(core)


def test_the_same_export_with_its_rows_turned_round_gives_the_same_facts(sqlite_core, sqlite_settings, tmp_path):
    header, *lines = CHINESE_FILE.splitlines()
    path = write_file(sqlite_settings.home / "订单.tsv", CHINESE_FILE, encoding="gb18030")
    turned = write_file(tmp_path / "订单.tsv", [header, *reversed(lines)], encoding="gb18030")

    load_by_yaml(sqlite_core, sqlite_settings, CHINESE, path)
    before = facts_of(sqlite_core, without=["quarantine"])
    result = load_by_yaml(sqlite_core, sqlite_settings, CHINESE, turned)

    assert (result.counts.orders, result.counts.lines, result.counts.movements) == (0, 0, 0)
    assert facts_of(sqlite_core, without=["quarantine"]) == before
