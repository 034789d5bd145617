"""Jobs over HTTP: started, awaited, cancelled."""

from typing import Any

from messages import FINAL
from watch import PATIENCE, until
from wire import Answer, Api

Job = dict[str, Any]

BASE = {
    "job_id",
    "device_requested",
    "device_used",
    "fallback",
    "frames",
    "status",
    "result",
    "created_at",
    "started_at",
    "finished_at",
}
EXTENDED = BASE | {"progress", "plugin_timings", "warnings"}


def sim(**options: Any) -> Job:
    """The body of a simulated job of one plugin."""
    return {"suite": "sim", "plugins": ["sim"], "sim": options}


def submit(api: Api, body: Any) -> Answer:
    return api.post("/v1/jobs", body)


def start(api: Api, body: Any) -> str:
    answer = submit(api, body)
    assert answer.status == 202, answer.text
    job_id: str = answer.json["job_id"]
    return job_id


def base(api: Api, job: str) -> Job:
    answer = api.get(f"/v1/jobs/{job}")
    assert answer.status == 200, answer.text
    found: Job = answer.json
    return found


def extended(api: Api, job: str) -> Job:
    answer = api.get(f"/v1/jobs/{job}/extended")
    assert answer.status == 200, answer.text
    found: Job = answer.json
    return found


def finished(api: Api, job: str, limit: float = PATIENCE) -> Job:
    """The job once it has ended, extended."""
    found: Job = until(f"the end of job {job}", lambda: _if_final(extended(api, job)), limit)
    return found


def _if_final(job: Job) -> Job | None:
    return job if job["status"] in FINAL else None


def running(api: Api, job: str) -> Job:
    """The job once it runs."""
    found: Job = until(f"job {job} runs", lambda: _if_running(extended(api, job)))
    return found


def _if_running(job: Job) -> Job | None:
    assert job["status"] in ("queued", "running"), job
    return job if job["status"] == "running" else None


def cancel(api: Api, job: str) -> Answer:
    return api.call("DELETE", f"/v1/jobs/{job}")


def emit(api: Api, message: Any) -> int:
    """The number that a message was published with."""
    answer = api.post("/v1/realtime/emit", message)
    assert answer.status == 202, answer.text
    assert set(answer.json) == {"epoch", "seq"}
    number: int = answer.json["seq"]
    return number


def stats(api: Api) -> dict[str, Any]:
    answer = api.get("/v1/realtime/stats")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found
