import pytest

from keras_bam import paper
from keras_bam.reproduction.rows import TABLES, select

pytestmark = pytest.mark.once


@pytest.mark.parametrize("table", TABLES)
def test_all_rows_of_a_table_as_printed(table):
    rows = select(table)
    assert [row.printed for row in rows] == [row for row in paper.rows() if row.table == table]
    assert all(row.network == row.printed.network for row in rows)
    assert all(row.is_baseline == (row.attention is None) for row in rows)


@pytest.mark.parametrize(
    "table, wanted, expected",
    [
        ("1b", ["6"], ["baseline", "BAM both, SUM"]),
        ("1b", [4, "bam BOTH, prod"], ["baseline", "BAM both, MAX", "BAM both, PROD"]),
        ("1b", ["baseline"], ["baseline"]),
        ("1a", ["BAM d=4 r=16"], ["baseline", "BAM d=4 r=16", "BAM d=4 r=16"]),
        ("5", ["PreResNet110"], ["baseline", "+SE", "+BAM"]),
        ("5", ["PreResNet110 +se", "ResNet50 +SE"], ["baseline", "+SE"] * 2),
    ],
)
def test_rows_that_are_asked_for(table, wanted, expected):
    assert [row.printed.variant for row in select(table, wanted)] == expected


def test_a_network_in_place_of_the_papers():
    rows = select("1c", ["ResNet50"], ["CifarResNetSmall"])
    assert [row.network for row in rows] == ["CifarResNetSmall"] * 3
    assert [row.attention for row in rows] == [None, "extra_block", "bam"]


def test_networks_for_some_of_the_architectures():
    models = ["WideResNet28-8=CifarWideResNet28:widen=1", "ResNet50=CifarResNetSmall"]
    found = {row.printed.architecture: row.network for row in select("1c", models=models)}
    assert found == {
        "ResNet50": "CifarResNetSmall",
        "WideResNet28-8": "CifarWideResNet28:widen=1",
        "ResNeXt29 8x64d": "CifarResNeXt29:cardinality=8",
    }


def test_official_form():
    attention = [row.attention for row in select("1b", [2, 6], form="official")]
    assert attention == [
        None,
        "bam:form=official,branches=channel",
        "bam:form=official,combine=add",
    ]
    assert [row.attention for row in select("5", ["ResNet50"], form="official")] == [
        None,
        "se",
        "bam:form=official",
    ]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("4",), "there is no table '4' to reproduce; those that can be are 1a, 1b, 1c, 2, 3a, 5"),
        (
            ("1b", ["SUM"]),
            "table 1b has no row 'SUM'; its rows, by number or name: 1 ResNet50 base",
        ),
        (("1b", [7]), "table 1b has no row '7'; .* 6 ResNet50 BAM both, SUM"),
        (("1b", [], ["CifarResnet18"]), "unknown network 'CifarResnet18'; did you mean"),
        (
            ("1c", [], ["CifarResNetSmall"]),
            "model 'CifarResNetSmall' must say which architecture it stands for, as "
            "ResNet50=CifarResNetSmall; the rows asked for have ResNet50, WideResNet28-8, ResNeXt",
        ),
        (
            ("2", ["ResNet50 +BAM-C"], ["SqueezeNet1p1"]),
            "SqueezeNet1p1 has no residual blocks",
        ),
        (("1b", [], [], "released"), "form must be 'paper' or 'official', received 'released'"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(ValueError, match=message):
        select(*arguments)
