//! The server of runs and jobs that the bench reports to. Without one these tests skip.

use hil::LabServer;
use hil::prelude::*;

/// A file that goes with a run.
const TRACE: &[u8] = b"seconds,volts\n0.0,12.0\n";

/// The unit that the runs of these tests are about.
fn serial(ctx: &Ctx) -> String {
    format!("live-{}", ctx.config().bench.name)
}

/// Title: The server takes a run and gives it back whole
/// Requirements: REQ-REC-001
/// Test Steps:
///   1. Submit a run.
///   2. Read it back by its id.
/// Expected Result: The same outcome, unit and phases.
#[hil::test(markers = [HARDWARE], mutates = [SubmitsRecords], covers = [RecordSubmit], timeout = "60s")]
fn a_run_is_taken_and_given_back(ctx: &Ctx, server: LabServer) -> hil::Result {
    let sent = server.submit(&serial(ctx), None)?.run;
    let stored = server.run(&sent.id)?;
    ctx.expect_eq("outcome", stored.outcome, sent.outcome)?;
    ctx.expect_eq("unit", &stored.unit.serial_number, &sent.unit.serial_number)?;
    ctx.expect_eq("phases", stored.phases.len(), sent.phases.len())
}

/// Title: A run is found by its unit
/// Requirements: REQ-REC-001
/// Test Steps:
///   1. Submit a run.
///   2. Ask for the runs on its unit.
/// Expected Result: It is among them.
#[hil::test(markers = [HARDWARE], mutates = [SubmitsRecords], covers = [RecordQuery], timeout = "60s")]
fn a_run_is_found_by_its_unit(ctx: &Ctx, server: LabServer) -> hil::Result {
    let sent = server.submit(&serial(ctx), None)?.run;
    let found = server.runs_of(&serial(ctx))?;
    ctx.expect("the run is among those of its unit", found.contains(&sent.id.to_string()))
}

/// Title: A file comes back as it went
/// Requirements: REQ-REC-001
/// Test Steps:
///   1. Submit a run with a file.
///   2. Read the file's content.
/// Expected Result: The same bytes.
#[hil::test(markers = [HARDWARE], mutates = [SubmitsRecords], covers = [Attachment], timeout = "60s")]
fn a_file_comes_back_as_it_went(ctx: &Ctx, server: LabServer) -> hil::Result {
    let sent = server.submit(&serial(ctx), Some(("trace.csv", TRACE)))?.run;
    let stored = server.run(&sent.id)?;
    let Some(attachment) = stored.attachments.first() else {
        return Err(TestError::failed("the run came back without its file"));
    };
    ctx.expect_eq("name", attachment.name.as_str(), "trace.csv")?;
    ctx.expect_eq("content", server.content(&attachment.digest)?.as_slice(), TRACE)
}

/// Title: Runs leave the server as documents
/// Requirements: REQ-REC-001
/// Test Steps:
///   1. Submit a run.
///   2. Export the runs on its unit.
/// Expected Result: It is among them, whole.
#[hil::test(markers = [HARDWARE], mutates = [SubmitsRecords], covers = [Export], timeout = "60s")]
fn runs_leave_as_documents(ctx: &Ctx, server: LabServer) -> hil::Result {
    let sent = server.submit(&serial(ctx), None)?.run;
    let exported = server.export_of(&serial(ctx))?;
    let Some(run) = exported.iter().find(|run| run.id == sent.id) else {
        return Err(TestError::failed(format!("run {} is not among those exported", sent.id)));
    };
    ctx.expect_eq("phases", run.phases.len(), sent.phases.len())
}

/// Title: A job runs to its end
/// Requirements: REQ-REC-002
/// Test Steps:
///   1. Start a job of the simulated kind.
///   2. Ask for it until it has ended.
/// Expected Result: It is completed, with two frames.
#[hil::test(markers = [HARDWARE], mutates = [SubmitsRecords], covers = [JobStart], timeout = "60s")]
fn a_job_runs_to_its_end(ctx: &Ctx, server: LabServer) -> hil::Result {
    let body = hil::json!({"suite": "sim", "sim": {"frames": 2, "interval_ms": 5}});
    let job = server.start_job(&body)?;
    let ended = server.wait_for_job(&job, Duration::from_secs(30))?;
    ctx.rp("job_id", &ended.id);
    ctx.expect(&format!("the job is completed: {}", ended.state), ended.is("completed"))?;
    ctx.expect_eq("frames", ended.state["frames"].as_array().map(Vec::len), Some(2))
}

/// Title: The server tells of a job while it runs
/// Requirements: REQ-REC-002
/// Test Steps:
///   1. Connect to the server's messages.
///   2. Start a job of the simulated kind.
///   3. Read the messages about it up to progress 100.
/// Expected Result: Its two frames, in rising order of their numbers.
#[hil::test(markers = [HARDWARE], mutates = [SubmitsRecords], covers = [Realtime], timeout = "60s")]
fn the_server_tells_of_a_job(ctx: &Ctx, server: LabServer) -> hil::Result {
    let mut watch = server.watch()?;
    let job = server.start_job(&hil::json!({"suite": "sim", "sim": {"frames": 2, "interval_ms": 5}}))?;
    let ours = |message: &hil::WatchMessage| message.job() == Some(&job.id);
    let told = watch.until("progress 100 of the job", Duration::from_secs(30), |message| {
        ours(message) && message.kind() == "progress" && message.0["payload"]["progress"] == 100
    })?;
    let about: Vec<_> = told.iter().filter(|message| ours(message)).collect();
    let frames = about.iter().filter(|message| message.kind() == "frame").count();
    ctx.expect_eq("frames", frames, 2)?;
    let numbers: Vec<u64> = about.iter().filter_map(|message| message.0["seq"].as_u64()).collect();
    ctx.expect("the numbers rise", numbers.is_sorted_by(|a, b| a < b))
}
