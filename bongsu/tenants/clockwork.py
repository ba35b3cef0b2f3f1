"""What each tenant does again and again. What is due stands in its rows; this only looks."""

from functools import partial

from prometheus_client import CollectorRegistry

from bongsu.config_watch import ConfigWatch
from bongsu.on_call import keep_on_call
from bongsu.tenants.workspace import Workspace
from bot.channel_watch import ChannelWatch
from bot.chart import drawer
from bot.publisher.pictures import Pictures
from bot.publisher.reconcile import Reconciler
from db.transactions import SqlTransactions
from incidents.clock.lookout import Lookout
from incidents.policy import Policies
from jobs.calendars.fetch import WebFetch
from jobs.clock import ESCALATE, LOOK, OUTSIDE, Clock
from jobs.daily_figures import DailyFigures
from jobs.digests import Digests
from jobs.escalation_watch import EVERY as LOOKED_FOR_LATE_EVERY
from jobs.escalation_watch import EscalationWatch, OverdueMetrics
from jobs.forgetting import forget_old
from jobs.gauges import Gauges
from jobs.heartbeat_out import EVERY as SWITCH_LOOKED_AT_EVERY
from jobs.heartbeat_out import GuardedFetch, Switch, SwitchMetrics
from jobs.heartbeats import Listener
from jobs.maintenance import MaintenanceClock
from jobs.outgoing.call import Outgoing
from jobs.presence import EVERY, Owners
from jobs.retention import Keeper, RetentionMetrics
from jobs.rollups import RollupMetrics, Rollups
from jobs.search_words import EVERY as WORDS_FOLLOW_EVERY
from jobs.search_words import SearchWords
from jobs.ticker import Ticker


def wind_up(
    ticker: Ticker,
    transactions: SqlTransactions,
    policies: Policies,
    registry: CollectorRegistry,
    *,
    workspace: Workspace,
    config: ConfigWatch,
    holder: str,
) -> None:
    """Nothing runs before the ticker does."""
    fits, wake, publisher = transactions.fits, workspace.wake, workspace.publisher
    ticker.every(1.0, publisher.wake, name="look at the outbox")
    ticker.every(1.0, workspace.webhooks.wake, name="look at outgoing webhooks")
    ticker.every(1.0, transactions.look_again, name="look whether the tables fit by now", when=lambda: not fits())
    gauges = Gauges(registry, transactions, also=workspace.sample)
    ticker.every(10.0, gauges.sample, name="read the gauges", when=fits)
    lookout = Lookout(transactions)
    clock = Clock(transactions, LOOK, changed=wake, lookout=lookout)
    ticker.every(1.0, clock.tick, name="look at what is due", when=fits)
    maintenance = MaintenanceClock(transactions, changed=publisher.wake, lookout=lookout)
    ticker.every(1.0, maintenance.tick, name="begin and end maintenance", when=fits)
    escalation = Clock(transactions, ESCALATE, changed=wake, lookout=lookout)
    ticker.every(1.0, escalation.tick, name="call those who are to be called", when=fits)
    outside = Clock(transactions, OUTSIDE, changed=wake)
    ticker.every(5.0, outside.tick, name="page those whom Slack does not reach", when=fits)
    overdue = EscalationWatch(transactions, policies, OverdueMetrics(registry), changed=publisher.wake)
    ticker.every(LOOKED_FOR_LATE_EVERY, overdue.look, name="look for steps that are late", when=fits)
    listener = Listener(transactions, policies, registry, changed=wake)
    ticker.every(1.0, listener.tick, name="listen for silence", when=fits)
    switch = Switch(transactions, policies, GuardedFetch(Outgoing()), SwitchMetrics(registry))
    ticker.every(SWITCH_LOOKED_AT_EVERY, switch.tick, name="say that we are alive", when=fits)
    keeper = Keeper(transactions, policies, RetentionMetrics(registry), holder=holder)
    ticker.every(600.0, keeper.run, name="delete what is old, once an hour", when=fits)
    rollups = Rollups(transactions, RollupMetrics(registry))
    ticker.every(60.0, rollups.run, name="keep the hourly sums", when=fits)
    words = SearchWords(transactions, lookout=lookout)
    ticker.every(WORDS_FOLLOW_EVERY, words.tick, name="give new incidents their words", when=fits)
    daily = DailyFigures(transactions, policies)
    ticker.every(60.0, daily.run, name="keep the figures by day", when=fits)
    ticker.every(600.0, partial(forget_old, transactions), name="forget what was heard and answered", when=fits)
    ticker.every(2.0, config.tick, name="read bongsu.yaml again where it has changed")
    digests = Digests(transactions, policies, changed=publisher.wake)
    ticker.every(2.0, digests.tick, name="look whether a digest is due", when=fits)
    _look_after_slack(ticker, transactions, policies, workspace, lookout)


def _look_after_slack(
    ticker: Ticker, transactions: SqlTransactions, policies: Policies, workspace: Workspace, lookout: Lookout
) -> None:
    """What asks Slack something."""
    identity, doorkeeper = workspace.identity, workspace.doorkeeper
    metrics, wake = workspace.publisher_metrics, workspace.publisher.wake

    def fits() -> bool:
        return identity.is_connected and transactions.fits()

    def has_groups() -> bool:
        return identity.is_connected and bool(policies.current.roles.groups)

    ticker.every(5.0, identity.learn_once, name="learn who we are")
    reconciler = Reconciler(transactions, workspace.slack, metrics, link_to=identity.link_to)
    ticker.every(5.0, reconciler.tick, name="compare a card with slack", when=fits)
    watch = ChannelWatch(transactions, workspace.channels, doorkeeper.groups, policies, changed=wake)
    ticker.every(2.0, watch.tick, name="look after the channels", when=fits)
    pictures = Pictures(transactions, identity.client, policies, metrics, draw=drawer(), lookout=lookout)
    ticker.every(2.0, pictures.tick, name="give digests their pictures", when=fits)
    owners = Owners(transactions, doorkeeper.directory, changed=wake)
    ticker.every(EVERY.total_seconds(), owners.run, name="look whether owners are still there", when=fits)
    fetch = WebFetch(Outgoing())
    keep_on_call(ticker, transactions, policies, fetch=fetch, people=(identity, doorkeeper), changed=wake)
    ahead = doorkeeper.groups.keep_fresh
    ticker.every(240.0, ahead, name="read slack's groups", when=has_groups)
