"""Figures of a portfolio against independent pandas computations and against small cases counted by hand."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kamxl.portfolio.concentration import cumulative_curve, measure_concentration, tail_rows
from kamxl.portfolio.dormant import measure_dormant
from kamxl.portfolio.figures import measure_portfolio
from kamxl.portfolio.peers import Purchases, find_white_space, size_bands
from kamxl.portfolio.quality import is_one_edit_apart, lookalike_pairs, name_key
from kamxl.shipped import shipped
from kamxl.table import Table
from tests.portfolios import RESELLER_RULES, RULES, read_csv, read_resellers, score_rows, score_table
from tests.shared import shared_dir

HEADERS = ("Client", "Status", "Segment", "Employees", "Revenue", "Margin", "Spend", "Hours", "Last order", "Fit")


@pytest.fixture(scope="module")
def resellers() -> pd.DataFrame:
    return pd.read_csv(shared_dir() / "data" / "adventureworks_reseller" / "reseller_accounts_derived.csv")


def test_the_method_s_findings_on_the_resellers(resellers: pd.DataFrame) -> None:
    """The half of the buyers that brings 4.6 %, and the 323 (322) that bring the last 5 %."""
    found = measure_concentration(resellers["revenue"].tolist())
    assert found.buyers == 632
    assert found.bottom_half_share == pytest.approx(0.046, abs=0.0005)
    assert (found.tail_with, found.tail_without) == (323, 322)
    assert found.tail_with_share == pytest.approx(0.511, abs=0.0005)
    assert found.tail_without_share == pytest.approx(0.509, abs=0.0005)
    assert found.top_fifth_share == pytest.approx(0.674, abs=0.0005)


def test_concentration_agrees_with_pandas(resellers: pd.DataFrame) -> None:
    """The same figures by pandas operations that share no code with ours."""
    found = measure_concentration(resellers["revenue"].tolist())
    buyers = resellers.dropna(subset=["revenue"]).query("revenue > 0").sort_values("revenue", ascending=False)
    running = buyers["revenue"].cumsum() / buyers["revenue"].sum()
    assert found.tail_with == int((running >= 0.95).sum())
    assert found.tail_without == int((running.shift(fill_value=0) >= 0.95).sum())
    assert found.bottom_half_share == pytest.approx(
        buyers["revenue"].nsmallest(len(buyers) // 2).sum() / buyers["revenue"].sum()
    )
    assert found.top_fifth_share == pytest.approx(
        buyers["revenue"].nlargest(math.ceil(len(buyers) * 0.2)).sum() / buyers["revenue"].sum()
    )
    values = buyers["revenue"].to_numpy()
    gini = np.abs(values[:, None] - values[None, :]).sum() / (2 * len(values) ** 2 * values.mean())
    assert found.gini == pytest.approx(gini)
    classes = pd.cut(running.shift(fill_value=0), [-1, 0.8, 0.95, 2], right=False, labels=["A", "B", "C"])
    assert found.class_counts == tuple(classes.value_counts().reindex(["A", "B", "C"]))


def test_whale_curve_agrees_with_pandas(resellers: pd.DataFrame) -> None:
    profit = (resellers["revenue"] - resellers["cost"]).dropna().sort_values(ascending=False)
    curve = cumulative_curve((resellers["revenue"] - resellers["cost"]).tolist())
    assert curve is not None
    assert curve.peak == pytest.approx((profit.cumsum() / profit.sum()).max())
    assert curve.losing == int((profit < 0).sum()) == 327
    assert (curve.clients[0], curve.cumulative[0]) == (0, 0)
    assert (curve.clients[-1], curve.cumulative[-1]) == (1, pytest.approx(1))
    assert max(curve.cumulative) == curve.peak


def test_categories_add_up_and_agree_with_pandas(tmp_path: Path, resellers: pd.DataFrame) -> None:
    scored = score_table(read_resellers(), tmp_path, rules=RESELLER_RULES)
    portfolio = measure_portfolio(scored)
    keys = [rule.key for rule in scored.plan.rules.categories.all_rules]
    frame = resellers.assign(category=[keys[index] for index in scored.category])
    frame["dormant"] = (frame["AnnualRevenue"] - frame["revenue"]).clip(lower=0)
    grouped = frame.groupby("category")[["revenue", "dormant", "lines"]].sum()
    for figures in portfolio.categories:
        assert figures.sums.revenue == pytest.approx(grouped.loc[figures.key, "revenue"])
        assert figures.sums.dormant == pytest.approx(grouped.loc[figures.key, "dormant"])
        assert figures.effort_share == pytest.approx(grouped.loc[figures.key, "lines"] / grouped["lines"].sum())
    assert sum(figures.sums.count for figures in portfolio.categories) == 701
    averages = (
        frame.assign(score=scored.score, **scored.families).groupby("category")[["score", *scored.families]].mean()
    )
    for figures in portfolio.categories:
        assert figures.score == pytest.approx(averages.loc[figures.key, "score"])
        assert dict(figures.families) == pytest.approx(averages.loc[figures.key, list(scored.families)].to_dict())
    assert portfolio.tail is not None
    last = frame.loc[list(tail_rows(resellers["revenue"].tolist()))]
    assert portfolio.tail.effort_share == pytest.approx(last["lines"].sum() / frame["lines"].sum())


def test_top_to_develop_are_the_largest_dormant(tmp_path: Path, resellers: pd.DataFrame) -> None:
    portfolio = measure_portfolio(score_table(read_resellers(), tmp_path, rules=RESELLER_RULES))
    dormant = (resellers["AnnualRevenue"] - resellers["revenue"]).clip(lower=0).nlargest(20)
    assert [candidate.dormant for candidate in portfolio.candidates] == pytest.approx(dormant.tolist())
    assert portfolio.quality.lookalike_values == (("BusinessType", "Ware House", "Warehouse"),)
    assert portfolio.quality.same_names == int(resellers["ResellerName"].duplicated().sum())


@pytest.mark.parametrize(
    ("revenue", "buyers"),
    [([], 0), ([math.nan, math.nan], 0), ([0.0, 0.0], 0), ([-5.0, -1.0], 0), ([10.0], 1), ([1.0, -4.0, math.nan], 1)],
)
def test_degenerate_revenue_has_no_shares_of_nothing(revenue: list[float], buyers: int) -> None:
    found = measure_concentration(revenue)
    assert found.buyers == buyers
    if not buyers:
        assert found.top_fifth_share is None and found.gini is None and found.tail_with == 0
        assert len(tail_rows(revenue)) == 0
        assert cumulative_curve([amount for amount in revenue if amount > 0]) is None
    else:
        assert found.top_fifth_share == 1.0
        assert found.class_counts == (1, 0, 0)
        assert found.tail_without == 0


def test_equal_clients_are_not_concentrated() -> None:
    found = measure_concentration([7.0] * 100)
    assert found.gini == pytest.approx(0)
    assert found.top_fifth_share == pytest.approx(0.2)
    assert found.bottom_half_share == pytest.approx(0.5)


def test_losses_over_all_have_no_whale_curve() -> None:
    assert cumulative_curve([5.0, -10.0]) is None


def _purchases(amounts: list[list[float]], sizes: list[float], segments: list[str]) -> Purchases:
    bands, names = size_bands(sizes)
    products = tuple(f"P{number}" for number in range(len(amounts[0])))
    clients = tuple(f"C{number}" for number in range(len(amounts)))
    return Purchases(clients, products, np.array(amounts), tuple(segments), np.array(sizes), bands, names)


def test_white_space_is_the_scaled_median_of_the_peers_that_buy() -> None:
    """Seven peers of one band: five of the six others buy P0 at 2, 3, 4, 5, 6 per head; the client has 15 heads."""
    amounts = [[math.nan], [20.0], [30.0], [40.0], [50.0], [60.0], [0.0]]
    found = find_white_space(_purchases(amounts, [15.0, 10, 10, 10, 10, 10, 19], ["A"] * 7))
    assert (found.low[0, 0], found.middle[0, 0], found.high[0, 0]) == (45.0, 60.0, 75.0)
    assert found.adoption[0, 0] == pytest.approx(5 / 6)
    assert found.middle[6, 0] == pytest.approx(4 * 19)
    assert math.isnan(found.middle[1, 0]), "who buys has no gap"
    assert found.named_peers(0, 0) == ("C1", "C2", "C3")
    assert found.peer_count(0) == 6


def test_adoption_under_the_threshold_is_no_gap() -> None:
    amounts = [[math.nan]] * 5 + [[10.0]] * 3
    found = find_white_space(_purchases(amounts, [10.0] * 8, ["A"] * 8))
    # 3 of 7 others buy: 43 %, a gap; with one buyer less, 2 of 7, none.
    assert found.middle[0, 0] == 10.0
    fewer = find_white_space(_purchases([[math.nan]] * 6 + [[10.0]] * 2, [10.0] * 8, ["A"] * 8))
    assert np.isnan(fewer.middle).all()


def test_few_peers_of_a_size_fall_back_to_the_segment_and_none_to_nothing() -> None:
    amounts = [[math.nan]] + [[100.0]] * 6 + [[math.nan]]
    sizes = [1000.0] + [10.0] * 6 + [10.0]
    found = find_white_space(_purchases(amounts, sizes, ["A"] * 7 + ["B"]))
    assert found.middle[0, 0] == pytest.approx(100 / 10 * 1000)
    assert found.group[7] == -1 and math.isnan(found.middle[7, 0])
    assert found.named_peers(7, 0) == () and found.peer_count(7) == 0


def test_white_space_agrees_with_pandas_client_by_client() -> None:
    """300 random clients: for each, its peers looked up anew and their quartiles taken by pandas."""
    rng = np.random.default_rng(66)
    frame = pd.DataFrame(
        {
            "segment": rng.choice(["A", "B", "C", ""], 300),
            "size": np.where(rng.random(300) < 0.9, rng.integers(1, 900, 300), np.nan),
        }
    )
    amounts = np.where(rng.random((300, 4)) < 0.6, rng.lognormal(7, 1, (300, 4)).round(2), np.nan)
    found = find_white_space(_purchases(amounts.tolist(), frame["size"].tolist(), frame["segment"].tolist()))
    edges = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    frame["band"] = pd.cut(frame["size"], edges, right=False)
    estimated = 0
    for row, client in frame.iterrows():
        segment = frame[(frame["segment"] == client["segment"]) & (frame.index != row)]
        near = segment[segment["band"] == client["band"]] if client["band"] == client["band"] else segment.head(0)
        peers = near if len(near) >= 5 else segment
        for product in range(4):
            bought = pd.Series(amounts[peers.index, product], index=peers.index).dropna()
            if not np.isnan(amounts[row, product]) or len(bought) < max(3, 0.4 * len(peers)) or len(peers) < 5:
                assert np.isnan(found.middle[row, product])
                continue
            per_size = (bought / peers.loc[bought.index, "size"]).dropna()
            scaled = per_size * client["size"] if client["size"] == client["size"] and len(per_size) else bought
            expected = scaled.quantile([0.25, 0.5, 0.75]).tolist()
            assert [part[row, product] for part in (found.low, found.middle, found.high)] == pytest.approx(expected)
            estimated += 1
    assert estimated > 100


def test_size_bands_do_not_move_with_the_portfolio() -> None:
    bands, names = size_bands([15.0, 0.0, math.nan, -3.0, 20.0, 1.0])
    assert [names[band] if band >= 0 else "" for band in bands] == ["10 – 20", "", "", "", "20 – 50", "1 – 2"]
    assert size_bands([math.nan])[1] == ()


def test_estimates_fill_only_existing_clients_without_a_spend(tmp_path: Path) -> None:
    """A stated dormant revenue stays; a prospect gets none; an existing client gets the peers' median, marked."""
    headers = ("Client", "Status", "Segment", "Employees", "Revenue", "Spend", "Accessibility", "Bolts", "Nuts", "Fit")
    rows: list[list[object]] = [[f"C{n}", "active", "A", 10, 100, 150, None, 40, 60, 5] for n in range(6)]
    rows.append(["Gap", "active", "A", 10, 40, None, None, 40, None, 5])
    rows.append(["Half open", "active", "A", 10, 40, None, 0.5, 40, None, 5])
    rows.append(["Prospect", "prospect", "A", 10, None, None, None, None, None, 5])
    dormant = measure_dormant(score_rows(headers, rows, tmp_path), language="en")
    assert dormant.amount[:6].tolist() == [50.0] * 6
    assert dormant.amount[6] == 60.0 and dormant.amount[7] == 30.0
    assert dormant.estimated.tolist() == [False] * 6 + [True, True, False]
    assert math.isnan(dormant.amount[8])
    assert dormant.white_space is not None and dormant.white_space.purchases.products == ("Bolts", "Nuts")


def test_an_estimate_is_no_more_than_what_is_left_of_the_spend(tmp_path: Path) -> None:
    """Peers buy nuts for 60; who spends 55 in all and buys for 40 here can bring 15 more, times its accessibility."""
    rules = RULES.replace(
        "dormant: max(spend - revenue, 0) * coalesce(accessibility, 1)", "dormant: spend * accessibility"
    )
    headers = ("Client", "Status", "Segment", "Employees", "Revenue", "Spend", "Bolts", "Nuts", "Fit")
    rows: list[list[object]] = [[f"C{n}", "active", "A", 10, 100, None, 40, 60, 5] for n in range(6)]
    rows += [["Gap", "active", "A", 10, 40, 55, 40, None, 5], ["Full", "active", "A", 10, 40, 30, 40, None, 5]]
    dormant = measure_dormant(score_rows(headers, rows, tmp_path, rules=rules), language="en")
    assert (dormant.low[6], dormant.amount[6], dormant.high[6]) == (15.0, 15.0, 15.0)
    assert dormant.amount[7] == 0.0 and dormant.estimated[6]


def test_names_that_look_alike() -> None:
    assert name_key("GTX Pro Inc.") == name_key("GTXPro")
    assert name_key("Élan Ltée") == "elan"
    assert list(lookalike_pairs(["Ware House", "Warehouse", "Store 1", "Store 2"])) == [("Ware House", "Warehouse")]
    assert list(lookalike_pairs(["technology", "technolgy", "medical"])) == [("technolgy", "technology")]
    assert list(lookalike_pairs(["Philippines", "Philipines"]))
    assert not list(lookalike_pairs([f"Client {number}" for number in range(200)]))


def test_typing_errors_of_a_crm_are_found(tmp_path: Path) -> None:
    """`technolgy`, `Philipines` and `GTXPro` as the Maven CRM holds them; two right words stand only in the rules."""
    folder = shared_dir() / "data" / "maven_crm"
    table = Table.from_rows(*read_csv(folder / "accounts_derived.csv"))
    path = shipped("rules", "examples", "maven_crm.yml")
    scored = score_table(table, tmp_path, rules=path.read_text(encoding="utf-8"))
    portfolio = measure_portfolio(scored)
    assert set(portfolio.quality.lookalike_values) == {
        ("Sector", "technolgy", "technology"),
        ("Country", "Philipines", "Philippines"),
    }
    products = [row[2] for row in read_csv(folder / "sales_pipeline.csv")[1]]
    assert ("GTX Pro", "GTXPro") in {tuple(sorted(pair)) for pair in lookalike_pairs(["GTX Pro", *products])}
    # `effort` is deals lost per deal won there: a rate, which nobody may add up.
    assert portfolio.total.effort == 0 and portfolio.tail is not None and portfolio.tail.effort_share is None


def test_words_that_the_rules_list_in_two_languages_are_no_typing_errors(tmp_path: Path) -> None:
    rules = RULES.replace("choices: [active, prospect]", "choices: [négociation, negotiation, prospect, prospet]")
    rows = [["A", "negotiation", "S", 10, 5, 1, 100, 3, None, 5], ["B", "prospet", "S", 10, 5, 1, 100, 3, None, 5]]
    found = measure_portfolio(score_rows(HEADERS, rows, tmp_path, rules=rules)).quality.lookalike_values
    assert found == (("Status", "prospect", "prospet"),)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("abcdef", "abcdef", False),
        ("abcdef", "abcdeg", True),
        ("abcdef", "abcde", True),
        ("abcdef", "bacdef", True),
        ("abcdef", "abdcfe", False),
        ("abcdef", "abcdefgh", False),
    ],
)
def test_one_edit(one: str, other: str, *, apart: bool) -> None:
    assert is_one_edit_apart(one, other) is apart is is_one_edit_apart(other, one)


def test_every_single_edit_is_found_in_the_blocks() -> None:
    """Deleting or changing any one letter of a name leads back to it, wherever the letter stands."""
    name = "abcdefghij"
    for position in range(len(name)):
        shorter = name[:position] + name[position + 1 :]
        changed = name[:position] + "z" + name[position + 1 :]
        assert list(lookalike_pairs([name, shorter])), shorter
        assert list(lookalike_pairs([name, changed])), changed


def test_impossible_values_are_named(tmp_path: Path) -> None:
    rows = [
        ["A", "active", "S", 10, -5, 1, 100, 3, dt.date(2026, 1, 1), 5],
        ["B", "active", "S", 10, 200, 300, 100, -3, dt.date(2027, 1, 1), 5],
        ["B", "active", "S", None, 50, 1, 100, 3, dt.date(2026, 1, 1), None],
    ]
    quality = measure_portfolio(score_rows(HEADERS, rows, tmp_path)).quality
    found = {(each.key, each.subject): each.examples for each in quality.impossible}
    assert found["negative", "Revenue"] == ("A",)
    assert found["negative", "Hours"] == ("B",)
    assert found["over_spend", "Revenue"] == ("B",)
    assert found["over_revenue", "Margin"] == ("B",)
    assert found["future", "Last order"] == ("B",)
    assert (quality.same_names, quality.same_examples) == (1, ("B",))
    assert quality.blanks == (("Fit", 1),)


def test_a_portfolio_without_clients_has_figures(tmp_path: Path) -> None:
    portfolio = measure_portfolio(score_rows(HEADERS, [], tmp_path))
    assert portfolio.total.count == 0 and portfolio.candidates == () and portfolio.matrix is None
    assert all(figures.count_share is None and figures.score is None for figures in portfolio.categories)
