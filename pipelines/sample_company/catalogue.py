"""What the sample company sells: six categories of ten products, invented for it.

Money is whole euro cents without tax. `popularity` is a relative weight of demand; zero is a product nobody buys.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A group of products from one supplier; `season` is per cent of the yearly mean, January first."""

    code: str
    name: str
    supplier: str
    lead_days: tuple[int, int]
    season: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One SKU; `price` and `cost` in cents without tax, `later_cost` from the company's cost change on."""

    sku: str
    title: str
    chinese_title: str
    category: Category
    price: int
    cost: int
    later_cost: int
    popularity: int


CATEGORIES = (
    Category(
        "TEA", "Tea 茶叶", "Nine Bends Tea Farm", (14, 24), (125, 115, 100, 90, 75, 65, 60, 65, 95, 115, 140, 155)
    ),
    Category("POT", "Teaware 茶具", "Red Clay Kilns", (20, 35), (95, 90, 90, 90, 85, 80, 80, 85, 95, 110, 140, 160)),
    Category("KIT", "Kitchen 厨具", "Hansen Metals", (7, 14), (100, 90, 95, 95, 100, 95, 90, 90, 100, 105, 115, 125)),
    Category("PAN", "Pantry 食品", "Sichuan Pantry", (10, 21), (115, 120, 100, 95, 90, 90, 95, 95, 100, 100, 100, 100)),
    Category("PAP", "Stationery 文具", "Elbe Paper", (5, 10), (95, 80, 85, 85, 85, 90, 105, 150, 140, 90, 95, 100)),
    Category("TEX", "Textiles 家纺", "Linen Works", (12, 20), (85, 85, 100, 110, 115, 115, 110, 95, 95, 95, 95, 100)),
)

# code, English title, Chinese title, price, cost, popularity
_TABLE = """\
TEA-01|Jasmine green tea 100 g|茉莉绿茶 100 克|890|310|60
TEA-02|Smoked black tea 100 g|烟熏红茶 100 克|990|380|40
TEA-03|Rock oolong 50 g|岩茶 50 克|1450|610|24
TEA-04|White peony 50 g|白牡丹 50 克|1290|540|18
TEA-05|Ripe cake tea 357 g|熟茶饼 357 克|3200|1480|7
TEA-06|Chrysanthemum blossoms 40 g|菊花 40 克|650|210|22
TEA-07|Osmanthus oolong 100 g|桂花乌龙 100 克|1190|450|15
TEA-08|Roasted barley 250 g|大麦茶 250 克|480|150|30
TEA-09|Tea sampler, twelve sachets|茶样十二包|1590|640|28
TEA-10|Aged mountain tea 100 g|陈年山茶 100 克|5800|2900|1
POT-01|Red clay teapot 200 ml|紫砂壶 200 毫升|4900|2150|9
POT-02|Lidded bowl 120 ml|盖碗 120 毫升|1890|720|20
POT-03|Tasting cups, set of six|品茗杯六只|1690|650|16
POT-04|Glass pitcher 350 ml|公道杯 350 毫升|1290|430|14
POT-05|Bamboo tea tray|竹茶盘|3900|1700|6
POT-06|Travel tea set|旅行茶具|2790|1190|18
POT-07|Cast iron kettle 1 l|铸铁壶 1 升|8900|4300|3
POT-08|Tea strainer|茶漏|790|240|26
POT-09|Storage jar 500 ml|茶叶罐 500 毫升|1590|560|12
POT-10|Tea pet, carp|茶宠鲤鱼|990|310|0
KIT-01|Vegetable cleaver 17 cm|菜刀 17 厘米|3490|1520|14
KIT-02|Carbon steel wok 32 cm|碳钢炒锅 32 厘米|4290|1890|16
KIT-03|Bamboo steamer 24 cm|竹蒸笼 24 厘米|1790|640|25
KIT-04|Rolling pin|擀面杖|690|210|18
KIT-05|Cooking chopsticks|长筷子|390|90|34
KIT-06|Spider skimmer|漏勺|890|290|20
KIT-07|Rice cooker 1.2 l|电饭煲 1.2 升|6990|3600|6
KIT-08|Chopping board 40 cm|砧板 40 厘米|2890|1200|10
KIT-09|Whetstone 1000|磨刀石 1000 目|2490|980|8
KIT-10|Mooncake press|月饼模具|1190|390|2
PAN-01|Chilli bean paste 500 g|豆瓣酱 500 克|590|230|45
PAN-02|Light soy sauce 500 ml|生抽 500 毫升|420|160|50
PAN-03|Black vinegar 550 ml|香醋 550 毫升|390|140|38
PAN-04|Red pepper corns 100 g|花椒 100 克|690|270|32
PAN-05|Wheat noodles 1 kg|挂面 1 公斤|350|130|48
PAN-06|Dried mushrooms 150 g|干香菇 150 克|890|390|22
PAN-07|Sesame oil 250 ml|芝麻油 250 毫升|690|290|27
PAN-08|Lotus seeds 200 g|莲子 200 克|790|340|8
PAN-09|Rice wine 640 ml|料酒 640 毫升|450|170|24
PAN-10|Bird's eye chillies 80 g|小米辣 80 克|520|200|12
PAP-01|Grid notebook A5|方格本 A5|590|190|42
PAP-02|Plain notebook A4|空白本 A4|790|260|24
PAP-03|Brush pen, fine|细毛笔|490|160|30
PAP-04|Rice paper, 100 sheets|宣纸一百张|1290|480|14
PAP-05|Ink stick|墨条|890|330|9
PAP-06|Ink stone|砚台|2190|900|4
PAP-07|Calligraphy set|书法套装|3490|1500|8
PAP-08|Postcards, harbour views|港口明信片|350|90|36
PAP-09|Wall calendar|挂历|1190|420|5
PAP-10|Sealing wax, red|红色火漆|690|230|1
TEX-01|Linen apron|亚麻围裙|2490|980|17
TEX-02|Tea towels, set of three|茶巾三条|1290|460|32
TEX-03|Oven mitten|隔热手套|890|290|21
TEX-04|Table runner 150 cm|桌旗 150 厘米|2190|850|9
TEX-05|Cotton napkins, set of four|棉餐巾四条|1490|540|13
TEX-06|Bread bag|面包袋|990|340|15
TEX-07|Cushion cover 40 cm|靠垫套 40 厘米|1690|610|11
TEX-08|Indigo scarf|蓝染围巾|2990|1290|6
TEX-09|Shopping bag|购物袋|590|170|40
TEX-10|Quilted jacket|棉袄|8900|4100|1
"""

_COST_RISES = {"TEA": 12, "POT": 0, "KIT": 6, "PAN": 9, "PAP": 0, "TEX": -5}  # per cent, at the cost change


def _product(row: str) -> Product:
    sku, title, chinese_title, price, cost, popularity = row.split("|")
    category = next(one for one in CATEGORIES if one.code == sku.partition("-")[0])
    later_cost = (int(cost) * (100 + _COST_RISES[category.code]) + 50) // 100
    return Product(sku, title, chinese_title, category, int(price), int(cost), later_cost, int(popularity))


PRODUCTS = tuple(_product(row) for row in _TABLE.splitlines())
