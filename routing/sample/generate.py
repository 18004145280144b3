"""How is the sample city made?  `python -m routing.sample.generate` writes two CSV files, always the same.

Districts and towns bear the names of a real city; communities, grids, landmarks and units are invented.
"""

import csv
import random
from pathlib import Path

from routing.catalogue import Catalogue, Department, shipped

FOLDER = Path(__file__).parent
SINCE = "2026-01-01"
COMMUNITIES, GRIDS, UNITS = 82, 786, 289
TOWNS = {
    "海勃湾区": ["凤凰岭街道", "海北街道", "新华街道", "新华西街道", "滨河街道", "林荫街道", "千里山镇"],
    "乌达区": ["三道坎街道", "五虎山街道", "新达街道", "巴音赛街道", "梁家沟街道", "苏海图街道", "滨海街道",
             "乌兰淖尔镇"],
    "海南区": ["拉僧仲街道", "西卓子山街道", "公乌素镇", "拉僧庙镇", "巴音陶亥镇"],
}  # fmt: skip
SHORT = {"海勃湾区": "hbw", "乌达区": "wd", "海南区": "hn"}
NAMES = """
谷丰 佳苑 和平 团结 黄河 桥西 站前 康宁 金裕 世纪 银河 阳光 富民 安居
温馨 学府 昆仑 草原 青松 胡杨 沙枣 明珠 长青 新园 北辰 南苑 东升 西河
光明 友谊 建设 幸福 向阳 红旗 胜利 曙光 平安 祥和 泰安 瑞丰 金沙 银海
碧水 蓝湾 绿洲 雅居 书香 锦绣 华庭 龙泉 天河 景源 恒安 永盛 兴隆 宏达
广厦 鼎盛 云栖 驼铃 骏马 百灵 鸿雁 山丹 马兰 玉泉 清泉 石榴 葡萄 丰泽
润泽 聚源 文昌 育才 崇德 尚义 惠民 利民 同心 和谐 春晖
"""
ESTATES = ("花园", "小区", "家园", "嘉园", "新村", "佳园", "名苑", "公馆", "华府", "里")
ROADS = ("大街", "路", "巷", "北路", "南路", "东街", "西街")
PLACES = (
    "小学",
    "中学",
    "幼儿园",
    "市场",
    "超市",
    "广场",
    "公园",
    "卫生院",
    "银行",
    "加油站",
    "公交站",
    "宾馆",
    "饭店",
    "药店",
    "停车场",
)
# What the body with a duty is called; before it stands the city or the district.
BODIES = dict(
    line.split()
    for line in """\
urban_mgmt 城市管理综合执法局
sanitation 环境卫生服务中心
housing_bureau 住房和城乡建设局
natural_resources 自然资源局
transport_bureau 交通运输局
fire_rescue 消防救援支队
emergency_bureau 应急管理局
health_bureau 卫生健康委员会
hospital 人民医院
medical_ins 医疗保障局
hr_bureau 人力资源和社会保障局
housing_fund 住房公积金中心
civil_affairs 民政局
disabled_fed 残疾人联合会
women_fed 妇女联合会
veterans 退役军人事务局
education 教育局
market_reg 市场监督管理局
commerce 商务局
agri 农牧局
forestry 林业和草原局
water_bureau 水务局
weather 气象局
justice_bureau 司法局
court 中级人民法院
petition 信访局
discipline 纪委监委
admin_approval 行政审批和政务服务局
data_bureau 数据局
industry_bureau 工业和信息化局
finance_bureau 财政局
tax_bureau 税务局
post_bureau 邮政管理局
heat_co 供热公司
water_co 供排水公司
gas_co 燃气公司
power_co 供电公司
bus_co 公交公司
psy_line 心理援助热线
lift_rescue 电梯应急处置中心
forest_fire 森林草原防灭火指挥部
""".splitlines()
)
# Where a district's body is a branch of the city's.
BRANCHES = {
    "police": ("市公安局", "{}公安分局"),
    "traffic_police": ("市公安局交通管理支队", "{}公安分局交通管理大队"),
    "ecology": ("市生态环境局", "市生态环境局{}分局"),
}


def territory(dice: random.Random) -> list[list[str]]:
    """Rows kind, code, name, parent, also (other names and landmarks, | between them), since, until."""
    rows = []
    towns = [(district, town) for district, names in TOWNS.items() for town in names]
    known = NAMES.split()
    names = dice.sample(known, len(known))
    names += [a + b for a in "东西南北上下" for b in ("沟", "滩", "梁", "湾")]
    per_town = [COMMUNITIES // len(towns) + (i < COMMUNITIES % len(towns)) for i in range(len(towns))]
    per_community = [GRIDS // COMMUNITIES + (i < GRIDS % COMMUNITIES) for i in range(COMMUNITIES)]
    community = 0
    for district, short in SHORT.items():
        rows.append(["district", short, district, "", district.removesuffix("区"), SINCE, ""])
    for index, (district, town) in enumerate(towns):
        code = f"{SHORT[district]}{index + 1:02d}"
        bare = town.removesuffix("街道").removesuffix("镇")
        rows.append(["town", code, town, SHORT[district], f"{bare}|{bare}办事处", SINCE, ""])
        for _ in range(per_town[index]):
            name = names[community]
            place = f"{code}{community + 1:03d}"
            kind = "村" if town.endswith("镇") and community % 3 == 0 else "社区"
            rows.append(["community", place, name + kind, code, name, SINCE, ""])
            rows += grids(dice, place, name, per_community[community])
            community += 1
    return rows


def grids(dice: random.Random, community: str, name: str, count: int) -> list[list[str]]:
    rows = []
    estates, roads, places = (dice.sample(x * 2, count) for x in (ESTATES, ROADS * 2, PLACES))
    for n in range(count):
        marks = [f"{name}{estates[n]}{'' if estates.index(estates[n]) == n else '二期'}"]
        if n % 2:
            marks.append(f"{name}{roads[n]}")
        if n % 3 == 0:
            marks.append(f"{name}{places[n]}")
        rows.append(["grid", f"{community}{n + 1:02d}", f"{name}第{n + 1}网格", community, "|".join(marks), SINCE, ""])
    return rows


def units(rows: list[list[str]], catalogue: Catalogue) -> list[list[str]]:
    """Rows code, name, duty, area (code of the territory it serves, empty: the city), since, until."""
    made = [["hotline", "12345热线中心", "hotline", ""]]
    names = {code: name for kind, code, name, *_ in rows if kind != "grid"}
    for kind, code, name, *_ in rows:
        if kind == "district":
            made.append([f"district.{code}", f"{name}人民政府", "district", code])
        elif kind == "town":
            made.append(
                [f"district.{code}", name + ("办事处" if name.endswith("街道") else "人民政府"), "district", code]
            )
        elif kind == "community":
            made.append(
                [
                    f"district.{code}",
                    name + ("居民委员会" if name.endswith("社区") else "民委员会"),
                    "district",
                    code,
                ]
            )
    for d in catalogue.departments.values():
        if d.id not in {"hotline", "district", "property_co", "hospital", "heat_co", "water_co", "gas_co"}:
            made.append([d.id, called(d), d.id, ""])
    for code in SHORT.values():
        for d in catalogue.departments.values():
            if d.kind in {"dept", "police"} and d.id not in {"tax_bureau", "post_bureau", "data_bureau", "commerce"}:
                made.append([f"{d.id}.{code}", called(d, names[code]), d.id, code])
        for d_id in ("heat_co", "water_co", "gas_co", "hospital"):
            made.append([f"{d_id}.{code}", called(catalogue.departments[d_id], names[code]), d_id, code])
    spare = [row for row in rows if row[0] == "community"]
    for row in spare[: UNITS - len(made)]:
        made.append([f"property_co.{row[1]}", f"{row[4]}物业服务公司", "property_co", row[1]])
    return [[*row, SINCE, ""] for row in made]


def called(duty: Department, district: str = "") -> str:
    """The name of a body of the city, or of one of its districts; pools of firms and desks have the duty's own name."""
    if duty.id in BRANCHES:
        city, branch = BRANCHES[duty.id]
        return branch.format(district) if district else city
    return (district or "市") + BODIES[duty.id] if duty.id in BODIES else duty.zh


def main() -> None:
    dice = random.Random(12345)
    rows = territory(dice)
    write("territory.csv", ["kind", "code", "name", "parent", "also", "since", "until"], rows)
    write("units.csv", ["code", "name", "duty", "area", "since", "until"], units(rows, shipped()))


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *rows])


if __name__ == "__main__":
    main()
