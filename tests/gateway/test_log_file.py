"""`log_path`: files in a folder, bounded in size and number, without secrets."""

from datetime import date

import pytest
import structlog

from gateway.app import open_log
from gateway.config import ConfigError, Settings
from gateway.log import configure_logging, set_level
from gateway.log_file import LogFile

DAY = date(2026, 1, 15)


@pytest.fixture(autouse=True)
def untouched_configuration():
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def log(tmp_path):
    log = LogFile(tmp_path, lambda: DAY)
    yield log
    log.close()


def lines_in(folder):
    return [
        line
        for path in sorted(folder.glob("GTWLog_*.log"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_the_log_goes_to_a_file_as_well(tmp_path, capsys):
    """What standard error gets stands in the file; the folder is made."""
    folder = tmp_path / "logs" / "today"
    log = open_log(Settings(log_path=folder))
    configure_logging("info", log)
    structlog.get_logger().info("something_happened", text="行情")
    log.close()

    assert len(lines_in(folder)) == 1
    assert lines_in(folder) == capsys.readouterr().err.splitlines()
    assert "text=行情" in lines_in(folder)[0]


def test_files_are_named_by_day_and_number(tmp_path):
    """A second start of a day and another day begin files. Source: [O] prefix and ending."""
    days = iter([DAY, DAY, date(2026, 1, 16), date(2026, 1, 16)])
    LogFile(tmp_path, lambda: DAY).close()
    log = LogFile(tmp_path, lambda: next(days))
    for number in range(3):
        log.write(f"line {number}\n")
    log.close()

    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "GTWLog_2026-01-15_001.log": "",
        "GTWLog_2026-01-15_002.log": "line 0\nline 1\n",
        "GTWLog_2026-01-16_001.log": "line 2\n",
    }


def test_secrets_stay_out(tmp_path, log):
    """A password that slipped into an event is starred in the file too."""
    configure_logging("debug", log)
    structlog.get_logger().info("login", password="hunter2", login_pwd="hunter2")

    assert "hunter2" not in "".join(lines_in(tmp_path))
    assert "password=***" in lines_in(tmp_path)[0]


def test_another_level_keeps_the_file(tmp_path, log):
    """The command `set_log_level` changes how much is written, not where."""
    configure_logging("error", log)
    structlog.get_logger().info("too_small")
    set_level("debug")
    structlog.get_logger().debug("small_enough")

    assert ["small_enough" in line for line in lines_in(tmp_path)] == [True]


def test_size_and_number_are_bounded(tmp_path):
    """Full files are followed by others, and the oldest go."""
    log = LogFile(tmp_path, lambda: DAY, max_bytes=100, max_files=3)
    for number in range(100):
        log.write(f"line {number:03} of a log that goes on and on\n")
    log.close()
    files = sorted(tmp_path.iterdir())

    assert len(files) == 3
    assert max(path.stat().st_size for path in files) < 200
    assert lines_in(tmp_path)[-1].startswith("line 099")
    assert not any(line.startswith("line 000") for line in lines_in(tmp_path))


def test_an_unusable_folder_stops_the_start(tmp_path):
    """One clear line names the option."""
    place = tmp_path / "a file"
    place.write_text("")
    with pytest.raises(ConfigError, match=r"log_path.*the folder cannot be written"):
        open_log(Settings(log_path=place))


def test_without_the_option_there_is_no_file():
    """Standard error alone."""
    assert open_log(Settings()) is None
