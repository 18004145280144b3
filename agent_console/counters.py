"""What does the console count for Prometheus?"""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from routing.switch_board import Board, State


class Counters:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sign_ins = Counter("hotline_sign_ins_total", "Sign-ins by result", ["result"], registry=self.registry)
        self.requests = Histogram(
            "hotline_console_request_seconds", "Time of a page", ["status"], registry=self.registry,
            buckets=(0.005, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0),
        )  # fmt: skip
        self.events = Counter("hotline_switch_events_total", "Events by kind", ["kind"], registry=self.registry)
        self.live = Gauge("hotline_live_pages", "Pages that follow the board", registry=self.registry)
        self.connected = Gauge("hotline_switchboard_connected", "1 while Asterisk is there", registry=self.registry)
        self.waiting = Gauge("hotline_callers_waiting", "Callers in the operators' queue", registry=self.registry)
        self.longest = Gauge("hotline_longest_wait_seconds", "Wait of who waits longest", registry=self.registry)
        self.operators = Gauge("hotline_operators", "Operators by state", ["state"], registry=self.registry)

    def read(self, board: Board, connected: bool, now: datetime) -> bytes:
        waiting = board.waiting()
        self.connected.set(connected)
        self.waiting.set(len(waiting))
        self.longest.set(max(((now - (w.waiting_since or w.since)).total_seconds() for w in waiting), default=0))
        for state in State:
            self.operators.labels(state).set(sum(1 for seat in board.seats.values() if seat.state is state))
        return generate_latest(self.registry)
