"""What the page shows of what the service publishes."""

from __future__ import annotations

import re
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.fake_service import DEV, FakeService

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.broker.mosquitto import Mosquitto

expect.set_options(timeout=60_000)

HOSTILE = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>'


def begin(service: FakeService) -> None:
    service.config()
    service.state(set_running=True, phase="concentric")


def rep(service: FakeService, number: int, **changes: object) -> None:
    """Publish a rep twice: at its top, and complete with the hold that the next rep reveals."""
    service.rep(number)
    known = {"eccentric_s": 3.0, "bottom_hold_s": 1.0, "top_hold_s": 1.1, "end_s": 9.0}
    service.rep(number, changes={"version": 2, "state": "final", **known, **changes})


def test_a_sensor_that_is_ready(page: Page, service: FakeService) -> None:
    service.config()
    service.state()
    expect(page.locator("#sensor-name")).to_have_text("IMU-SIM 0001")
    expect(page.locator("#sensor-link")).to_have_text("connected")
    expect(page.locator("#battery-text")).to_have_text("87 %")
    expect(page.locator("#exercise-title")).to_have_text("Back extension (45° bench)")
    expect(page.locator("#exercise-load")).to_have_text("10 kg")
    expect(page.locator("#waiting")).to_contain_text("Ready")


def test_a_set_from_its_first_rep_to_the_rest(page: Page, service: FakeService) -> None:
    begin(service)
    for number in range(1, 8):
        rep(service, number)
        expect(page.locator("#count")).to_have_text(str(number))
    expect(page.locator("#of")).to_have_text("of 12")
    expect(page.locator("#beads li.done")).to_have_count(7)
    expect(page.locator("#reps li")).to_have_count(7)
    expect(page.locator("#told")).to_have_text("7 reps")
    expect(page.locator("#tempo .is")).to_have_text(["3.0", "1.0", "2.0", "1.1"])
    service.state(exercise="back_extension_45", repetitions=7)
    service.set_done(7, ended=datetime.now(UTC) - timedelta(seconds=10))
    expect(page.locator("#done-title")).to_have_text("Set done: 7 reps")
    expect(page.locator("#of")).to_have_text("rest")
    expect(page.locator("#count")).to_have_text(re.compile(r"1:1\d"))
    expect(page.locator("#sets li")).to_have_count(1)
    expect(page.locator("#sets .much")).to_have_text("7 reps, 10 kg")


def test_a_tempo_that_misses_its_target_is_shown_in_words(page: Page, service: FakeService) -> None:
    begin(service)
    rep(service, 1, eccentric_s=1.2, top_hold_s=2.0)
    expect(page.locator("#tempo .want")).to_have_text(["short, 3.0", "✓ 1.0", "✓ 2.0", "long, 1.0"])


def test_the_hold_is_counted_from_the_top_until_it_is_over(page: Page, service: FakeService) -> None:
    begin(service)
    service.rep(1)
    expect(page.locator("#phase")).to_have_text("Hold")
    expect(page.locator("#hold.reached")).to_be_visible()
    assert float(page.locator("#hold-time").inner_text()) >= 1.0
    service.state(set_running=True, phase="eccentric", repetitions=1)
    expect(page.locator("#phase")).to_have_text("Lower")
    assert float(page.locator("#hold-time").inner_text()) < 1.0
    expect(page.locator("#stage")).to_have_attribute("data-phase", "eccentric")


def test_a_rep_that_was_none_is_taken_back(page: Page, service: FakeService) -> None:
    begin(service)
    rep(service, 1)
    rep(service, 2)
    expect(page.locator("#count")).to_have_text("2")
    service.rep(2, changes={"version": 3, "state": "withdrawn"})
    expect(page.locator("#count")).to_have_text("1")
    expect(page.locator("#reps li")).to_have_count(1)


def test_who_joins_late_sees_the_count(page: Page, service: FakeService) -> None:
    service.state(set_running=True, phase="eccentric", repetitions=5)
    expect(page.locator("#count")).to_have_text("5")
    service.rep(6)
    expect(page.locator("#count")).to_have_text("6")


def test_a_correction_comes_under_the_same_set(page: Page, service: FakeService) -> None:
    service.config()
    service.state()
    service.set_done(12)
    expect(page.locator("#done-title")).to_have_text("Set done: 12 reps")
    page.locator("#fewer").tap()
    page.get_by_role("button", name="It was 11").tap()
    expect(page.locator("#correct-answer")).to_have_text("Corrected ✓")
    assert service.commands.get(timeout=60) == ("correct_set", 11)
    assert service.corrections.get(timeout=60) == {"set": "s/1"}
    service.set_done(11, version=1000, corrected=True, event_type="set_corrected")
    expect(page.locator("#done-title")).to_have_text("Set done: 11 reps")
    expect(page.locator("#sets li")).to_have_count(1)


def test_a_set_was_another_exercise(page: Page, service: FakeService) -> None:
    service.config()
    service.state()
    service.set_done(12)
    was = page.get_by_label("It was", exact=True)
    expect(was).to_have_value("back_extension_45")
    was.select_option("Good morning")
    expect(page.locator("#correct-answer")).to_have_text("Corrected ✓")
    assert service.commands.get(timeout=60) == ("correct_set", None)
    assert service.corrections.get(timeout=60) == {"set": "s/1", "exercise": "good_morning"}
    service.set_done(12, version=1000, exercise="good_morning", exercise_corrected=True)
    expect(page.locator("#done-text")).to_contain_text("Good morning")
    expect(page.locator("#sets .what")).to_have_text("Good morning")
    expect(page.locator("#sets .how")).to_contain_text("corrected")
    service.set_done(12, version=1001, exercise="unknown", exercise_corrected=True)
    expect(was).to_have_value("unknown")
    service.refusal = "there is no set 's/1'"
    was.select_option("Deadlift")
    expect(page.locator("#correct-answer")).to_have_text("there is no set 's/1'")
    expect(was).to_have_value("unknown")


def test_a_set_of_before_is_tapped_and_corrected(page: Page, service: FakeService) -> None:
    service.config()
    service.state()
    service.set_done(8, id="s/0", ended=datetime.now(UTC) - timedelta(minutes=20))
    expect(page.locator("#sets li")).to_have_count(1)
    expect(page.locator("#done")).to_be_hidden()
    service.set_done(12)
    expect(page.locator("#done-title")).to_have_text("Set done: 12 reps")
    page.locator("#sets button").nth(1).tap()
    expect(page.locator("#done-title")).to_have_text(re.compile(r"Set of .*: 8 reps"))
    page.get_by_label("It was", exact=True).select_option("Deadlift")
    expect(page.locator("#correct-answer")).to_have_text("Corrected ✓")
    assert service.corrections.get(timeout=60) == {"set": "s/0", "exercise": "deadlift"}
    page.locator("#sets button").nth(1).tap()
    expect(page.locator("#done-title")).to_have_text("Set done: 12 reps")


def test_start_and_finish_are_acknowledged(page: Page, service: FakeService) -> None:
    service.state()
    page.get_by_role("button", name="Start set").tap()
    expect(page.locator("#toast")).to_have_text("Set started ✓")
    service.state(set_running=True, phase="concentric", repetitions=1)
    page.get_by_role("button", name="Finish set").tap()
    expect(page.locator("#toast")).to_have_text("Set finished ✓")
    assert [service.commands.get(timeout=60)[0] for _ in range(2)] == ["start_set", "finish_set"]


def test_a_refusal_and_a_missing_answer_are_shown(page: Page, service: FakeService) -> None:
    service.state()
    service.refusal = "the sensor is not there"
    page.locator("#act").tap()
    expect(page.locator("#toast")).to_have_text("the sensor is not there")
    service.silent = True
    page.locator("#act").tap()
    expect(page.locator("#toast")).to_contain_text("No answer")


def test_the_plan_is_sent_and_shown_as_saved(page: Page, service: FakeService) -> None:
    service.config()
    service.state()
    page.locator("#open-plan").tap()
    page.get_by_label("Exercise").select_option("good_morning")
    assert service.commands.get(timeout=60) == ("exercise", "good_morning")
    expect(page.locator("#plan-answer")).to_have_text("Saved ✓")
    service.config(exercise="good_morning")
    page.get_by_role("button", name="Target reps: more").evaluate("more => { more.click(); more.click(); }")
    assert service.commands.get(timeout=60) == ("target_reps", 14)  # two taps, one command
    page.get_by_role("button", name="Load in kg: more").tap()
    assert service.commands.get(timeout=60) == ("load_kg", 12.5)
    page.get_by_role("button", name="Usual tempo").tap()
    assert service.commands.get(timeout=60) == ("target_tempo", [2.2, 0.3, 1.5, 0.8])
    page.get_by_role("button", name="No target").tap()
    assert service.commands.get(timeout=60) == ("target_tempo", None)
    page.get_by_role("button", name="Done").tap()
    expect(page.locator("#exercise-title")).to_have_text("Good morning")


def test_a_sensor_out_of_reach_is_shown_with_what_to_do(page: Page, service: FakeService) -> None:
    begin(service)
    rep(service, 1)
    service.state(link="lost", detail="out of reach or off; bring it near", set_running=True, repetitions=1)
    expect(page.get_by_role("alert").first).to_have_text("IMU-SIM 0001: out of reach or off; bring it near")
    expect(page.locator("#count")).to_have_text("1")
    service.state(set_running=True, phase="concentric", repetitions=1)
    expect(page.locator("#notice")).to_be_hidden()


def test_a_service_that_is_gone_is_shown(page: Page, service: FakeService) -> None:
    service.state()
    expect(page.locator("#sensor-link")).to_have_text("connected")
    service.publish(service.topics.bridge_state, b"offline", retain=True)
    expect(page.locator("#notice")).to_contain_text("imurep is not running")


def test_a_broker_that_goes_and_comes_back(page: Page, service: FakeService, broker: Mosquitto) -> None:
    begin(service)
    rep(service, 1)
    expect(page.locator("#count")).to_have_text("1")
    broker.end(signal.SIGKILL)
    expect(page.locator("#notice")).to_contain_text("No connection")
    expect(page.locator("#count")).to_have_text("1")  # what is known stays
    page.locator("#act").tap()
    expect(page.locator("#toast")).to_contain_text("Not sent")
    broker.start()
    expect(page.locator("#notice")).to_be_hidden()
    with FakeService(broker.port) as again:
        again.state(set_running=True, phase="eccentric", repetitions=2)
        expect(page.locator("#count")).to_have_text("2")


def test_two_sensors_and_the_choice_between_them(page: Page, service: FakeService, broker: Mosquitto) -> None:
    service.state()
    with FakeService(broker.port, dev="other", sensor="Other strap") as other:
        other.state(set_running=True, phase="concentric", repetitions=4)
        expect(page.locator("#count")).to_have_text("4")  # who does something comes first
        page.get_by_label("Sensor").select_option(DEV)
        expect(page.locator("body")).to_have_attribute("data-mode", "ready")


def test_the_button_for_a_sensor_is_shown_until_one_streams(page: Page, service: FakeService) -> None:
    button = page.locator("#use-here")
    expect(button).to_be_visible()
    service.state()
    expect(page.locator("body[data-mode=ready]")).to_be_attached()
    expect(button).to_be_hidden()
    service.state(link="lost")
    expect(button).to_be_visible()


def test_a_machine_without_bluetooth_reports_it(page: Page) -> None:
    page.locator("#use-here").click()
    expect(page.locator("#use-here-words")).to_contain_text("no Bluetooth, or it is switched off")


def test_text_from_the_broker_is_text(page: Page, service: FakeService) -> None:
    service.config(exercise=HOSTILE, sensor=HOSTILE)
    service.state(sensor=HOSTILE, link="lost", detail=HOSTILE, exercise=HOSTILE)
    service.set_done(3, sensor=HOSTILE, exercise=HOSTILE, id=HOSTILE)
    service.publish(
        service.topics.bridge_info, b'{"problem":"' + HOSTILE.replace('"', '\\"').encode() + b'"}'
    )
    expect(page.locator("#sensor-name")).to_have_text(HOSTILE)
    expect(page.locator("#notice")).to_contain_text("<script>")
    expect(page.locator("#sets .what")).to_contain_text("<img")
    assert page.title() == "imurep"
    assert page.locator("main img, main script").count() == 0


def test_nonsense_from_the_broker_changes_nothing(page: Page, service: FakeService) -> None:
    begin(service)
    rep(service, 1)
    for nonsense in (
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"1",
        b'{"__proto__":{"x":1}}',
        b'{"id":{},"set_id":[]}',
    ):
        for topic in (
            service.topics.rep_event(DEV),
            service.topics.set_event(DEV),
            service.topics.config("x"),
        ):
            service.publish(topic, nonsense)
    service.state(set_running="yes", phase="sideways", repetitions="many", battery_percent="full")
    service.state(set_running=True, phase="concentric", repetitions=1, battery_percent=86)
    expect(page.locator("#battery-text")).to_have_text("86 %")  # a rep has QoS 0 and may overtake a state
    rep(service, 2)
    expect(page.locator("#count")).to_have_text("2")


def test_without_a_network_the_installed_page_opens_and_reports_it(page: Page, service: FakeService) -> None:
    service.state()
    service.set_done(9)
    expect(page.locator("#sets li")).to_have_count(1)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => caches.open('imurep-shell').then(c => c.keys()).then(k => k.length > 10)")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#notice")).to_have_text(re.compile("offline|No connection"))
    expect(page.locator("#sets li")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("#notice")).to_be_hidden()


def test_less_motion_for_who_wants_less(page: Page, service: FakeService) -> None:
    begin(service)
    service.rep(1)
    page.emulate_media(reduced_motion="reduce")
    moved = page.locator("#trunk").evaluate("node => getComputedStyle(node).transitionDuration")
    assert moved == "0s"
