"""Settings: from the environment, else the file, else the default; a wrong one is named."""

from pathlib import Path

import pytest

from unisono.core import settings
from unisono.core.settings import Settings, SettingWrong


def test_without_anything_every_setting_has_its_default() -> None:
    assert settings.load({}) == Settings()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "unisono.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\ndata_directory = "data"\n', encoding="utf-8")
    loaded = settings.load({"UNISONO_CONFIG": str(file), "UNISONO_PORT": "9001", "PATH": "/bin"})
    assert loaded.port == 9001
    assert loaded.host == "0.0.0.0"  # noqa: S104 - nothing is served
    assert loaded.data_directory == Path("data")
    assert loaded.capture_batch_max == Settings().capture_batch_max


def test_what_nobody_sets_is_as_the_caller_wants_it() -> None:
    wanted = Settings(retailer_name="Maison", time_zone="Europe/Paris")
    assert settings.load({}, defaults=wanted) == wanted
    loaded = settings.load({"UNISONO_TIME_ZONE": "UTC"}, defaults=wanted)
    assert (loaded.retailer_name, loaded.time_zone) == ("Maison", "UTC")


def test_described_settings_say_where_each_comes_from_and_hide_secrets() -> None:
    secret = "postgresql://oms:hunter2@db/unisono"
    shown = {
        each.name: each
        for each in settings.described({"UNISONO_DATABASE_URL": secret, "UNISONO_PORT": "9001"})
    }
    assert shown["database_url"].value == "(hidden)"
    assert shown["database_url"].source == "UNISONO_DATABASE_URL"
    assert (shown["port"].value, shown["port"].source) == ("9001", "UNISONO_PORT")
    assert (shown["host"].value, shown["host"].source) == ("127.0.0.1", "default")
    assert shown["data_directory"].value == ""
    assert not any("hunter2" in str(each) for each in shown.values())


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(SettingWrong, match=r"^UNISONO_PROT sets prot, which is not a setting"):
        settings.load({"UNISONO_PROT": "1"})


@pytest.mark.parametrize("value", ["eighty", "", "0", "65536", "1.5", "-1"])
def test_a_number_outside_of_its_range_is_refused_with_the_range(value: str) -> None:
    with pytest.raises(SettingWrong) as refusal:
        settings.load({"UNISONO_PORT": value})
    assert refusal.value.detail == (
        f"UNISONO_PORT sets port to “{value}”: it must be a whole number from 1 to 65535"
    )


def test_a_setting_in_the_file_is_refused_with_the_name_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "unisono.toml"
    file.write_text("port = 0\n", encoding="utf-8")
    with pytest.raises(SettingWrong, match=r"unisono\.toml sets port to “0”"):
        settings.load({"UNISONO_CONFIG": str(file)})


@pytest.mark.parametrize("text", [None, "port = = 1"])
def test_a_file_that_cannot_be_read_is_named(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "unisono.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingWrong, match=f"^the configuration file {file} cannot be read: "):
        settings.load({"UNISONO_CONFIG": str(file)})


def test_a_setting_may_be_as_small_as_it_says() -> None:
    assert settings.load({"UNISONO_SPLIT_COST": "0"}).split_cost == 0
    with pytest.raises(SettingWrong):
        settings.load({"UNISONO_SPLIT_COST": "-1"})


@pytest.mark.parametrize("value", ["red", "#fff", "#12345g", "0b6e4f", "#0b6e4f;"])
def test_a_text_of_another_form_is_refused_with_what_it_must_be(value: str) -> None:
    with pytest.raises(SettingWrong) as refusal:
        settings.load({"UNISONO_RETAILER_COLOUR": value})
    assert refusal.value.detail == (
        f"UNISONO_RETAILER_COLOUR sets retailer_colour to “{value}”: "
        "Colour of the retailer on pages that customers see, as #rrggbb"
    )
    assert settings.load({"UNISONO_RETAILER_COLOUR": "#12abEF"}).retailer_colour == "#12abEF"
