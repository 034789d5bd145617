//! Schedule tables, slot by slot, on a scripted master in simulated time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hil_lin::{
    Bitrate, Capabilities, ChecksumModel, Data, DiagnosticSlots, Frame, FrameId, Header, LinError, LinMaster,
    Published, Response, Running, ScheduleError, ScheduledFrame, SharedMaster, Slot, SlotKind, Table,
    TableSet, TableStatistics,
};
use hil_model::Clock;
use hil_sim::{Pace, SimClock};
use proptest::prelude::*;
use rstest::rstest;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn id(id: u8) -> FrameId {
    FrameId::new(id).unwrap()
}

/// What was on the bus: bench time in milliseconds, and `>` for what the master sent.
type Seen = Arc<Mutex<Vec<(u64, String)>>>;

/// A master whose frames take as long, and whose slaves answer what, the test says.
#[derive(Debug)]
struct Scripted {
    clock: Arc<SimClock>,
    seen: Seen,
    /// How long the next frames take, and then all of them.
    takes: VecDeque<Duration>,
    otherwise: Duration,
    /// What is answered to a header, one after the other; then nothing.
    answers: HashMap<u8, VecDeque<Result<Response, LinError>>>,
    /// How often sending fails.
    broken: u32,
}

impl Scripted {
    fn frame(&mut self, what: String) {
        let at = self.clock.now().as_micros() / 1000;
        self.seen.lock().unwrap().push((at, what));
        let takes = self.takes.pop_front().unwrap_or(self.otherwise);
        self.clock.sleep(takes);
    }
}

impl LinMaster for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn connect(&mut self) -> Result<(), LinError> {
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        Ok(())
    }

    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        let classic = if checksum == ChecksumModel::Classic { " classic" } else { "" };
        self.frame(format!(">{frame}{classic}"));
        if self.broken > 0 {
            self.broken -= 1;
            return Err(LinError::ShortedToGround);
        }
        Ok(())
    }

    fn receive(&mut self, header: Header, _timeout: Duration) -> Result<Response, LinError> {
        self.frame(format!("<{}", header.id));
        let answers = self.answers.get_mut(&header.id.get());
        answers.and_then(VecDeque::pop_front).unwrap_or(Ok(Response::None))
    }
}

/// A bus on which every frame takes 6 ms.
struct Bench {
    clock: Arc<SimClock>,
    seen: Seen,
    master: SharedMaster,
}

impl Bench {
    fn new(change: impl FnOnce(&mut Scripted)) -> Self {
        let (clock, seen) = (SimClock::new(Pace::Jump), Seen::default());
        let mut scripted = Scripted {
            clock: Arc::clone(&clock),
            seen: Arc::clone(&seen),
            takes: VecDeque::new(),
            otherwise: ms(6),
            answers: HashMap::new(),
            broken: 0,
        };
        change(&mut scripted);
        Self { clock, seen, master: SharedMaster::new(Box::new(scripted)) }
    }

    fn run(&self, tables: Vec<Table>) -> Running {
        self.run_while(tables, || true)
    }

    fn run_while(&self, tables: Vec<Table>, permitted: impl Fn() -> bool + Send + Sync + 'static) -> Running {
        let tables = TableSet::new(tables).unwrap();
        let clock: Arc<dyn Clock> = Arc::<SimClock>::clone(&self.clock);
        Running::start(tables, self.master.clone(), Bitrate::LIN_2, clock, permitted).unwrap()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::<SimClock>::clone(&self.clock)
    }

    /// What was on the bus since this was asked last.
    fn seen(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// The same without the times.
    fn frames(&self) -> Vec<String> {
        self.seen().into_iter().map(|(_, what)| what).collect()
    }
}

fn table(name: &str, slots: impl IntoIterator<Item = (SlotKind, u64)>) -> Table {
    let slot = |(what, delay)| Slot { what, delay: ms(delay) };
    Table::new(name, slots.into_iter().map(slot).collect()).unwrap()
}

fn published(number: u8) -> Published {
    Published { id: id(number), checksum: ChecksumModel::Enhanced, initial: Data::new(&[number]).unwrap() }
}

fn sent(number: u8) -> SlotKind {
    SlotKind::Unconditional(ScheduledFrame::Published(published(number)))
}

fn asked(number: u8) -> SlotKind {
    SlotKind::Unconditional(ScheduledFrame::Subscribed(Header::new(id(number), 2)))
}

fn event(number: u8, frames: &[u8], collision: &str) -> SlotKind {
    SlotKind::EventTriggered {
        header: Header::new(id(number), 2),
        frames: frames.iter().map(|frame| id(*frame)).collect(),
        collision: collision.to_owned(),
    }
}

fn answer(bytes: &[u8]) -> Result<Response, LinError> {
    Ok(Response::Data(Data::new(bytes).unwrap()))
}

fn set(running: &Running, number: u8, bytes: &[u8]) {
    let data = Data::new(bytes).unwrap();
    running.update(id(number), |_| Ok::<_, std::convert::Infallible>(data)).unwrap();
}

fn only(running: &Running) -> TableStatistics {
    let [statistics] = running.statistics().try_into().unwrap();
    statistics
}

fn at(pairs: &[(u64, &str)]) -> Vec<(u64, String)> {
    pairs.iter().map(|(at, what)| (*at, (*what).to_owned())).collect()
}

#[test]
fn slots_start_when_planned_and_carry_what_was_set_last() {
    let bench = Bench::new(|_| {});
    let running = bench.run(vec![table("T", [(sent(0x0A), 10), (asked(0x11), 15)])]);
    bench.clock.sleep(ms(25));
    set(&running, 0x0A, &[0xFF]);
    bench.clock.sleep(ms(25));
    let expected = [(1, ">0x0A [0A]"), (11, "<0x11"), (26, ">0x0A [FF]"), (36, "<0x11")];
    assert_eq!(bench.seen(), at(&expected));
    let statistics = only(&running);
    assert_eq!((statistics.planned, statistics.run, statistics.frames), (4, 4, 4));
    assert_eq!((statistics.unanswered, statistics.jitter.max()), (2, Duration::ZERO));
}

#[test]
fn what_a_slave_answers_is_kept_with_its_time() {
    let bench = Bench::new(|master| {
        let broken = Err(LinError::ShortedToGround);
        master.answers.insert(0x11, [answer(&[1, 2]), Ok(Response::None), broken].into());
    });
    let running = bench.run(vec![table("T", [(asked(0x11), 10)])]);
    bench.clock.sleep(ms(9));
    let received = running.reception(id(0x11)).last.unwrap();
    assert_eq!(
        (&*received.data, received.asked.as_micros(), received.at.as_micros()),
        (&[1, 2][..], 1000, 7000)
    );
    bench.clock.sleep(ms(20));
    let reception = running.reception(id(0x11));
    assert_eq!((reception.headers, reception.responses), (3, 1));
    assert_eq!((reception.last, reception.error), (Some(received), Some(LinError::ShortedToGround)));
}

#[test]
fn an_event_is_the_frame_that_its_first_byte_names() {
    let (one, stray) = (id(0x21).protected().get(), id(0x30).protected().get());
    let bench = Bench::new(|master| {
        master.answers.insert(0x20, [Ok(Response::None), answer(&[one, 7]), answer(&[stray, 7])].into());
    });
    let tables = vec![table("T", [(event(0x20, &[0x21, 0x22], "C"), 10)]), table("C", [(asked(0x21), 10)])];
    let running = bench.run(tables);
    bench.clock.sleep(ms(30));
    assert_eq!(bench.frames(), ["<0x20", "<0x20", "<0x20"]);
    assert_eq!(&*running.reception(id(0x21)).last.unwrap().data, &[one, 7]);
    assert!(running.reception(id(0x20)).error.unwrap().to_string().contains("none of its frames"));
    let statistics = only(&running);
    assert_eq!((statistics.unanswered, statistics.failed, statistics.collisions), (0, 1, 0));
}

#[test]
fn a_collision_is_resolved_and_then_the_table_goes_on_where_it_was() {
    let collided = || Err(LinError::Disturbed { id: id(0x20), what: "a framing error".to_owned() });
    let pid = id(0x21).protected().get();
    let bench = Bench::new(|master| {
        // The table that resolves the first collision has one itself.
        master.answers.insert(0x20, [collided(), collided()].into());
        master.answers.insert(0x21, [answer(&[pid, 1])].into());
    });
    let tables = vec![
        table("T", [(event(0x20, &[0x21, 0x22], "C"), 10), (sent(0x0A), 10)]),
        table("C", [(event(0x20, &[0x21, 0x22], "D"), 10)]),
        table("D", [(asked(0x21), 10), (asked(0x22), 10)]),
    ];
    let running = bench.run(tables);
    bench.clock.sleep(ms(60));
    let expected =
        [(1, "<0x20"), (11, "<0x20"), (21, "<0x21"), (31, "<0x22"), (41, ">0x0A [0A]"), (51, "<0x20")];
    assert_eq!(bench.seen(), at(&expected));
    let collisions: Vec<_> = running.statistics().into_iter().map(|of| (of.table, of.collisions)).collect();
    assert_eq!(collisions, [("T".to_owned(), 1), ("C".to_owned(), 1), ("D".to_owned(), 0)]);
}

#[test]
fn sporadic_frames_are_sent_once_for_each_update_the_most_important_first() {
    let bench = Bench::new(|master| master.broken = 1);
    let frames = SlotKind::Sporadic(vec![published(1), published(2)]);
    let running = bench.run(vec![table("T", [(frames, 10)])]);
    bench.clock.sleep(ms(20));
    assert_eq!(bench.frames(), [""; 0]);
    set(&running, 2, &[0x22]);
    set(&running, 1, &[0x11]);
    bench.clock.sleep(ms(50));
    // The first attempt failed, so it is made again.
    assert_eq!(bench.frames(), [">0x01 [11]", ">0x01 [11]", ">0x02 [22]"]);
    let statistics = only(&running);
    assert_eq!((statistics.run, statistics.frames, statistics.failed), (7, 3, 1));
}

#[test]
fn diagnostic_slots_serve_those_who_wait_and_are_silent_otherwise() {
    let bench = Bench::new(|master| {
        master.answers.insert(0x3D, [Ok(Response::None), answer(&[1, 2, 3, 4, 5, 6, 7, 8])].into());
    });
    let slots = [(SlotKind::MasterRequest, 10), (SlotKind::SlaveResponse, 10)];
    let running = bench.run(vec![table("T", slots)]);
    bench.clock.sleep(ms(40));
    assert_eq!(bench.frames(), [""; 0]);
    let mut diagnostics = running.diagnostics(bench.clock());
    assert_eq!(diagnostics.request([1, 1, 0x3E, 255, 255, 255, 255, 255]), Ok(()));
    assert_eq!(diagnostics.response(), Ok(None));
    assert_eq!(diagnostics.response(), Ok(Some([1, 2, 3, 4, 5, 6, 7, 8])));
    bench.clock.sleep(ms(40));
    let expected = [(41, ">0x3C [01 01 3E FF FF FF FF FF] classic"), (51, "<0x3D"), (71, "<0x3D")];
    assert_eq!(bench.seen(), at(&expected));
}

#[rstest]
#[case::no_such_slot(table("T", [(sent(1), 10)]), false, "scripted refuses to send a request in a MasterReq slot: schedule table T has no slot for it")]
#[case::stopped(table("T", [(SlotKind::MasterRequest, 10)]), true, "scripted refuses to send a request in a MasterReq slot: the schedule has ended")]
fn nobody_waits_for_a_slot_that_never_comes(
    #[case] table: Table,
    #[case] stopped: bool,
    #[case] error: &str,
) {
    let bench = Bench::new(|_| {});
    let running = bench.run(vec![table]);
    let mut diagnostics = running.diagnostics(bench.clock());
    if stopped {
        running.stop();
    }
    assert_eq!(diagnostics.request([0; 8]).unwrap_err().to_string(), error);
}

#[test]
fn a_request_in_a_table_that_does_not_come_to_its_slot_times_out_and_leaves_nothing_behind() {
    // Every frame takes so long that the slot after it is missed.
    let bench = Bench::new(|master| master.otherwise = ms(20));
    let running = bench.run(vec![table("T", [(sent(1), 10), (SlotKind::MasterRequest, 10)])]);
    let mut diagnostics = running.diagnostics(bench.clock());
    let error = diagnostics.request([0; 8]).unwrap_err();
    assert_eq!(error.to_string(), "scripted did not send a request in a MasterReq slot within 1.04 s");
    running.switch(TableSet::new(vec![table("D", [(SlotKind::MasterRequest, 10)])]).unwrap());
    bench.seen();
    bench.clock.sleep(ms(100));
    assert!(!bench.frames().contains(&">0x3C [00 00 00 00 00 00 00 00] classic".to_owned()));
}

#[test]
fn the_answer_to_a_configuration_slot_is_asked_for_once() {
    let bench = Bench::new(|_| {});
    let assign = SlotKind::Configuration([1, 6, 0xB0, 0xFF, 0x7F, 0xFF, 0xFF, 2]);
    let _running = bench
        .run(vec![table("T", [(assign, 10), (SlotKind::SlaveResponse, 10), (SlotKind::SlaveResponse, 10)])]);
    bench.clock.sleep(ms(30));
    assert_eq!(bench.frames(), [">0x3C [01 06 B0 FF 7F FF FF 02] classic", "<0x3D"]);
}

#[test]
fn another_table_starts_with_the_next_slot_and_data_stays() {
    let bench = Bench::new(|_| {});
    let running = bench.run(vec![table("A", [(sent(1), 10), (sent(2), 10)])]);
    bench.clock.sleep(ms(5));
    set(&running, 1, &[0xEE]);
    running.switch(TableSet::new(vec![table("B", [(sent(3), 5), (sent(1), 10)])]).unwrap());
    assert_eq!(running.tables().main().name(), "B");
    bench.clock.sleep(ms(10));
    // The first frame of B took longer than its slot, so the next one began late.
    assert_eq!(bench.seen(), at(&[(1, ">0x01 [01]"), (11, ">0x03 [03]"), (17, ">0x01 [EE]")]));
    let [_, b] = running.statistics().try_into().unwrap();
    assert_eq!((b.overran, b.jitter.max()), (1, ms(1)));
}

#[test]
fn a_slot_whose_time_has_passed_is_left_out_and_none_is_made_up_for() {
    let bench = Bench::new(|master| master.takes = [ms(34)].into());
    let running = bench.run(vec![table("T", [(sent(1), 10), (sent(2), 10), (sent(3), 10)])]);
    bench.clock.sleep(ms(60));
    let expected = [(1, ">0x01 [01]"), (35, ">0x01 [01]"), (41, ">0x02 [02]"), (51, ">0x03 [03]")];
    assert_eq!(bench.seen(), at(&expected));
    let statistics = only(&running);
    assert_eq!((statistics.planned, statistics.run, statistics.missed), (6, 4, 2));
    assert_eq!((statistics.overran, statistics.jitter.max()), (1, ms(4)));
}

/// A test that sends without a pause: simulated time passes nowhere but in its frames.
#[test]
fn neither_the_schedule_nor_a_test_that_sends_without_a_pause_starves() {
    let bench = Bench::new(|_| {});
    let running = bench.run(vec![table("T", [(sent(1), 20)])]);
    for _ in 0..50 {
        let frame = Frame::new(0x30, &[]).unwrap();
        bench.master.lock_after_slot(&*bench.clock).send(&frame).unwrap();
    }
    let statistics = only(&running);
    let own = bench.frames().iter().filter(|frame| frame.starts_with(">0x30")).count();
    assert_eq!((own, statistics.missed), (50, 0));
    assert!(statistics.run >= 20 && statistics.jitter.max() < ms(10), "{statistics:?}");
}

#[test]
fn a_master_that_is_held_for_long_costs_slots_and_nothing_else() {
    let bench = Bench::new(|_| {});
    let running = bench.run(vec![table("T", [(sent(1), 10)])]);
    let guard = bench.master.lock();
    bench.clock.sleep(ms(101));
    drop(guard);
    bench.clock.sleep(ms(10));
    let statistics = only(&running);
    // The one that was due when the master came free was half a millisecond late.
    assert_eq!((statistics.planned, statistics.missed), (12, 10));
    assert!(statistics.jitter.max() < ms(1));
}

/// An adapter that takes its time does not make its schedule look better than it was.
#[test]
fn slots_that_pass_during_the_last_frame_are_missed() {
    let bench = Bench::new(|master| master.takes = [ms(1000)].into());
    let running = bench.run(vec![table("T", [(sent(1), 10)])]);
    bench.clock.sleep(ms(5));
    running.stop();
    let statistics = only(&running);
    assert_eq!((statistics.planned, statistics.run, statistics.missed), (100, 1, 99));
    bench.clock.sleep(ms(100));
    running.stop();
    assert_eq!(only(&running), statistics);
}

#[test]
fn a_schedule_ends_with_its_permission_and_another_may_start() {
    let bench = Bench::new(|_| {});
    let permitted = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let asked = Arc::clone(&permitted);
    let tables = || vec![table("T", [(sent(1), 10)])];
    let running = bench.run_while(tables(), move || asked.load(std::sync::atomic::Ordering::Relaxed));
    bench.clock.sleep(ms(10));
    let second = Running::start(
        TableSet::new(tables()).unwrap(),
        bench.master.clone(),
        Bitrate::LIN_2,
        bench.clock(),
        || true,
    );
    assert_eq!(second.unwrap_err(), ScheduleError::AlreadyRunning);
    permitted.store(false, std::sync::atomic::Ordering::Relaxed);
    // The first one has not noticed yet.
    let again = bench.run(tables());
    bench.clock.sleep(ms(50));
    assert!(!running.is_running());
    assert_eq!(bench.frames().len(), 6);
    drop(running);
    assert!(again.is_running());
    drop(again);
    bench.seen();
    bench.clock.sleep(ms(100));
    assert_eq!(bench.frames(), [""; 0]);
}

#[test]
fn in_real_time_nothing_is_on_the_bus_once_stop_has_returned() {
    let bench = Bench::new(|_| {});
    bench.clock.set_pace(Pace::RealTime);
    let running = bench.run(vec![table("T", [(sent(1), 10)])]);
    while only_run(&running) < 3 {
        bench.clock.sleep(ms(1));
    }
    running.stop();
    let frames = bench.frames().len();
    bench.clock.sleep(ms(50));
    assert!(frames >= 3);
    assert_eq!(bench.frames(), [""; 0]);
}

fn only_run(running: &Running) -> u64 {
    running.statistics().first().map_or(0, |statistics| statistics.run)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// For any table and any stalls: every slot is run or missed, in order, and within its own time.
    #[test]
    fn every_slot_is_run_or_missed_in_order_and_within_its_time(
        delays in proptest::collection::vec(1u64..30, 1..8),
        takes in proptest::collection::vec(0u64..120, 0..60),
        held in proptest::collection::vec((0u64..40, 0u64..40), 0..10),
    ) {
        let bench = Bench::new(|master| master.takes = takes.iter().map(|takes| ms(*takes)).collect());
        let slots = delays.iter().enumerate().map(|(at, delay)| (sent(at as u8), *delay));
        let running = bench.run(vec![table("T", slots)]);
        for (held, free) in held {
            let guard = bench.master.lock();
            bench.clock.sleep(ms(held));
            drop(guard);
            bench.clock.sleep(ms(free));
        }
        bench.clock.sleep(ms(500));
        let statistics = only(&running);
        prop_assert_eq!(statistics.planned, statistics.run + statistics.missed);
        let seen = bench.seen();
        prop_assert_eq!(seen.len() as u64, statistics.run);
        // Slots tile the time, so each moment belongs to one of them.
        let slot_at = |at: u64| {
            let (mut number, mut end) = (0, 1 + delays[0]);
            while at >= end {
                number += 1;
                end += delays[number % delays.len()];
            }
            number
        };
        let mut last = None;
        for (at, frame) in seen {
            let number = slot_at(at);
            prop_assert_eq!(frame.starts_with(&format!(">0x{:02X}", number % delays.len())), true);
            prop_assert!(last < Some(number));
            last = Some(number);
        }
        prop_assert!(last.is_none_or(|last| (last as u64) < statistics.planned));
    }
}
