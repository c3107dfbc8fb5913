import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { GroupMember, type MemberListener, type MemberOptions } from '../../stream/group-member.ts';
import { silentLog } from '../../stream/observer.ts';
import type { Consumption, GroupListener, TopicFacts, TopicPartition } from '../../stream/transport.ts';

const source: TopicPartition = { topic: 'clicks', partition: 0 };

/** A group whose members a test hands assignments, records and losses. */
class Group {
  /** What happened, in order. */
  readonly events: string[] = [];
  /** The listeners of all memberships, the latest last. */
  readonly listeners: GroupListener[] = [];
  refusals = 0;
  /** What the broker says about the topics. */
  topics: ReadonlyMap<string, TopicFacts> = new Map();
  closing: Promise<void> = Promise.resolve();
  onConsume: (listener: GroupListener) => void = () => undefined;

  consume(listener: GroupListener): Promise<Consumption> {
    if (this.refusals-- > 0) return Promise.reject(new Error('no broker'));
    this.events.push('joined');
    this.listeners.push(listener);
    this.onConsume(listener);
    return Promise.resolve({
      pause: () => this.events.push('paused'),
      resume: () => this.events.push('resumed'),
      close: async () => {
        await this.closing;
        this.events.push('closed');
      },
    });
  }

  get latest(): GroupListener {
    const listener = this.listeners.at(-1);
    assert.ok(listener);
    return listener;
  }

  count(event: string): number {
    return this.events.filter((each) => each === event).length;
  }
}

describe('stream/group-member', () => {
  let group = new Group();
  const members: GroupMember[] = [];
  beforeEach(() => {
    group = new Group();
  });
  afterEach(() => Promise.all(members.splice(0).map((member) => member.stop())));

  function memberOf(
    options: Partial<MemberOptions> = {},
    listener: Partial<MemberListener> = {},
  ): GroupMember {
    const member = new GroupMember({
      transport: {
        consume: (given) => group.consume(given.listener),
        describeTopics: () => Promise.resolve(group.topics),
      },
      group: 'counters',
      topics: ['clicks'],
      log: silentLog,
      listener: {
        assigned: () => Promise.resolve([{ ...source, offset: 7 }]),
        records: () => group.events.push('records'),
        gap: (_, from, to) => group.events.push(`gap ${from} to ${to}`),
        ended: (error) => group.events.push(`ended: ${error.message}`),
        leaving: () => {
          group.events.push('leaving');
          return Promise.resolve();
        },
        left: () => {
          group.events.push('left');
          return Promise.resolve();
        },
        ...listener,
      },
      ...options,
    });
    members.push(member);
    return member;
  }

  it('joins, hands on what comes, and leaves when it is stopped', async () => {
    const member = memberOf();
    await member.start();
    assert.ok(member.isJoined);
    assert.deepEqual(await group.latest.assigned([source]), [{ ...source, offset: 7 }]);
    group.latest.records(source, [], 8);
    member.pause([source]);
    member.resume([source]);
    await member.stop();
    assert.ok(!member.isJoined);
    const all = ['joined', 'records', 'paused', 'resumed', 'leaving', 'closed', 'left'];
    assert.deepEqual(group.events, all);
  });

  it('says at once that a membership has ended, leaves, and joins again', async () => {
    const member = memberOf();
    await member.start();
    group.latest.lost(new Error('fenced'));
    assert.equal(group.events.at(-1), 'ended: fenced');
    await until('the second membership', () => group.count('joined') === 2);
    assert.deepEqual(group.events, ['joined', 'ended: fenced', 'leaving', 'closed', 'left', 'joined']);
  });

  it('hands on nothing of a membership that has ended, however often it is lost', async () => {
    const member = memberOf();
    await member.start();
    const old = group.latest;
    const closing = Promise.withResolvers<undefined>();
    group.closing = closing.promise.then(() => undefined);
    for (let times = 0; times < 3; times++) old.lost(new Error('gone'));
    old.records(source, [], 1);
    member.pause([source]);
    assert.deepEqual(await old.assigned([source]), []);
    closing.resolve(undefined);
    await until('the second membership', () => group.count('joined') === 2);
    old.lost(new Error('gone'));
    assert.deepEqual(group.events, ['joined', 'ended: gone', 'leaving', 'closed', 'left', 'joined']);
  });

  it('joins again when it was lost before joining has resolved', async () => {
    let losses = 2;
    group.onConsume = (listener) => {
      if (losses-- > 0) listener.lost(new Error('early'));
    };
    await memberOf().start();
    await until('the third membership', () => group.count('joined') === 3);
    assert.equal(group.count('ended: early'), 2);
    assert.equal(group.count('closed'), 2, 'one membership at a time');
  });

  it('waits longer after each failure, until the work goes on', async () => {
    group.refusals = 2;
    const member = memberOf({ pauses: { first: 1, longest: 4 } });
    await member.start();
    assert.equal(group.count('ended: no broker'), 2);
    assert.equal(member.failures, 2);
    member.succeeded();
    assert.equal(member.failures, 0);
  });

  it('rejoins when its owner asks for it', async () => {
    const member = memberOf();
    await member.start();
    member.rejoin(new Error('a task failed'));
    await until('the second membership', () => group.count('joined') === 2);
    assert.equal(group.count('ended: a task failed'), 1);
  });

  it('is stopped also during a pause, and without a word that it has ended', async () => {
    group.refusals = 1;
    const member = memberOf({ pauses: { first: 60_000 } });
    void member.start();
    await until('the refusal', () => group.count('ended: no broker') === 1);
    await member.stop();
    assert.equal(group.count('joined'), 0);
  });

  it('is stopped while it joins: what comes of it is left at once', async () => {
    const joined = Promise.withResolvers<undefined>();
    const member = memberOf({ join: (attempt) => joined.promise.then(attempt) });
    void member.start();
    const stopped = member.stop();
    joined.resolve(undefined);
    await stopped;
    assert.deepEqual(group.events, ['joined', 'leaving', 'closed', 'left']);
  });

  it('goes on when leaving fails: the session runs out', async () => {
    const member = memberOf();
    await member.start();
    group.closing = Promise.reject(new Error('no answer'));
    group.latest.lost(new Error('gone'));
    await until('the second membership', () => group.count('joined') === 2);
    group.closing = Promise.resolve();
  });
});
