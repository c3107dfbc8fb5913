import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { TcpLink } from '../../../../bench/chaos/rig/link.ts';

describe('a network link that the test can break', () => {
  let echo: Server;
  let link: TcpLink;

  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    link = await TcpLink.open();
    link.leadTo((echo.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await link.close();
    echo.close();
  });

  const open = (): Socket => connect(link.port, '127.0.0.1');

  async function ask(socket: Socket, question: string): Promise<string> {
    socket.write(question);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  }

  it('carries bytes both ways, and the end of a connection', async () => {
    const socket = open();
    socket.end('hello');
    assert.equal(await text(socket), 'hello');
  });

  it('resets and refuses connections while it is cut, and accepts new ones afterwards', async () => {
    const socket = open();
    assert.equal(await ask(socket, 'a'), 'a');
    const broken = once(socket, 'error');
    link.cut();
    const [reset] = (await broken) as [NodeJS.ErrnoException];
    assert.equal(reset.code, 'ECONNRESET');
    const [refused] = (await once(open(), 'error')) as [NodeJS.ErrnoException];
    assert.equal(refused.code, 'ECONNRESET');
    link.restore();
    const again = open();
    assert.equal(await ask(again, 'b'), 'b');
    again.destroy();
  });

  it('holds back all bytes without an error, and delivers them when it is restored', async () => {
    const socket = open();
    assert.equal(await ask(socket, 'a'), 'a');
    link.blackHole();
    let answered = false;
    const answer = ask(socket, 'b').then((text) => {
      answered = true;
      return text;
    });
    const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    assert.equal(await ask(direct, 'x'), 'x');
    direct.destroy();
    assert.equal(answered, false);
    assert.equal(socket.destroyed, false);
    link.restore();
    assert.equal(await answer, 'b');
    socket.destroy();
  });

  it('abandons open connections, and carries new ones', async () => {
    const lost = open();
    assert.equal(await ask(lost, 'a'), 'a');
    link.abandon();
    lost.write('b');
    lost.once('data', () => assert.fail('it got through'));
    const fresh = open();
    assert.equal(await ask(fresh, 'c'), 'c');
    assert.equal(lost.destroyed, false);
    lost.destroy();
    fresh.destroy();
  });

  it('is slow on request, and loses nothing', async () => {
    link.slow({ delay: 30, bytesPerSecond: 2_000_000 });
    const socket = open();
    const began = performance.now();
    socket.end('x'.repeat(200_000));
    assert.equal((await text(socket)).length, 200_000);
    assert.ok(performance.now() - began >= 150, 'no faster than it should be');
  });
});
