"""The works that are measured, in the order of a run."""

from benchmarks.cases.agents import Agents, AgentsOverHTTP
from benchmarks.cases.base import Case, Sole
from benchmarks.cases.bundle import Bundle
from benchmarks.cases.burst import Burst
from benchmarks.cases.deltas import Deltas
from benchmarks.cases.durable import Durable
from benchmarks.cases.frames import Frames
from benchmarks.cases.held import Held
from benchmarks.cases.keypress import Keypress
from benchmarks.cases.log import Log
from benchmarks.cases.long_thread import LongThread
from benchmarks.cases.million import Million
from benchmarks.cases.paced import Paced
from benchmarks.cases.postgres_saturation import PostgresSaturation
from benchmarks.cases.process import Long, Process
from benchmarks.cases.reads import Reads
from benchmarks.cases.reconnects import Reconnects
from benchmarks.cases.recovery import Recovery
from benchmarks.cases.redis_log import RedisLog
from benchmarks.cases.redis_saturation import RedisSaturation
from benchmarks.cases.replicas import Replicas
from benchmarks.cases.resume import Resume
from benchmarks.cases.retry import RetryOnPostgres, RetryOnSQLite
from benchmarks.cases.size import Size
from benchmarks.cases.stalled import Stalled
from benchmarks.cases.tools import Tools
from benchmarks.cases.turns import Turns, TurnsOnPostgres
from benchmarks.cases.users import Users
from benchmarks.contenders import Database
from benchmarks.workload import Pace


def whole_run() -> list[Case | Sole]:
    """The cases of a whole run, at their full size."""
    return [
        Deltas("deltas", Pace.PLAIN, streams=32, count=2000, least_cpu=0.4),
        Deltas("yields", Pace.YIELD, streams=32, count=2000, least_cpu=0.4),
        Agents(streams=32, count=2000, least_cpu=0.4),
        AgentsOverHTTP(streams=8, count=2000, least_cpu=0.4),
        Tools(seconds=2.0, times=40),
        Users(100),
        Log(times=100),
        RedisLog(count=2000, pattern_count=100),
        Resume(times=200),
        Burst(streams=1000, count=10),
        Reads(Database.SQLITE, seconds=2.0),
        Turns(seconds=3.0),
        Reads(Database.POSTGRES, seconds=2.0),
        TurnsOnPostgres(seconds=3.0),
        Durable(seconds=3.0),
        Replicas(streams=500, seconds=8),
        Reconnects(readers=100, seconds=12, storm=500),
        Recovery(deployments=5, kills=10, many=500),
        RetryOnSQLite(times=3),
        RetryOnPostgres(times=5),
        Size(),
        Keypress(times=50),
        Frames(seconds=20),
        LongThread(items=10_000, times=10),
        Bundle(),
        Stalled(readers=100, count=300_000),
        Process(streams=500),
        Long(streams=500),
    ]


def extra_cases() -> list[Case | Sole]:
    """Cases that are run only when they are named."""
    return [
        Paced(streams=500, seconds=4),
        Million(items=1_000_000, big=100_000, seconds=2.0),
        Held(open_streams=500, loads=(500, 1_000, 2_000)),
        RedisSaturation(seconds=5.0),
        PostgresSaturation(seconds=10.0),
    ]


def quick_run() -> list[Case | Sole]:
    """The cases of a whole run, so small that they only show that everything works."""
    return [
        Deltas("deltas", Pace.PLAIN, streams=8, count=500, least_cpu=0.05),
        Deltas("yields", Pace.YIELD, streams=8, count=500, least_cpu=0.05),
        Log(times=10),
        RedisLog(count=200, pattern_count=10),
        Resume(times=20),
        Burst(streams=100, count=10),
        Reads(Database.SQLITE, seconds=0.2),
        Turns(seconds=0.2),
        Reads(Database.POSTGRES, seconds=0.2),
        TurnsOnPostgres(seconds=0.2),
        Durable(seconds=0.2),
        Replicas(streams=50, seconds=2),
        Reconnects(readers=10, seconds=3, storm=20),
        Recovery(deployments=1, kills=1, many=10),
        RetryOnSQLite(times=1),
        RetryOnPostgres(times=1),
        Size(share=0.1),
        Agents(streams=4, count=500, least_cpu=0.05),
        AgentsOverHTTP(streams=2, count=500, least_cpu=0.05),
        Tools(seconds=0.3, times=5),
        Users(20),
        Keypress(times=5),
        Frames(seconds=2),
        LongThread(items=500, times=1),
        Bundle(),
        Stalled(readers=10, count=300_000, rehearsed=False),
        Process(streams=50, rehearsed=False),
        Long(streams=50, rehearsed=False),
    ]
