import { strict as assert } from 'node:assert';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJdk, parseJavaVersion } from '../../../local/parts/jdk.ts';
import { CastwatchError } from '../../../base/errors.ts';

describe('local/jdk', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-jdk-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A `java` that says a version, as the real ones do on stderr. */
  async function fakeJdk(name: string, version: string): Promise<string> {
    const home = join(folder, name);
    await mkdir(join(home, 'bin'), { recursive: true });
    await writeFile(
      join(home, 'bin', 'java'),
      `#!/bin/sh\necho 'openjdk version "${version}" 2025-01-01' >&2\n`,
    );
    await chmod(join(home, 'bin', 'java'), 0o755);
    return home;
  }

  it('reads versions of all ages', () => {
    assert.equal(parseJavaVersion('java version "1.8.0_392"'), 8);
    assert.equal(parseJavaVersion('openjdk version "17.0.15" 2025-04-15'), 17);
    assert.equal(parseJavaVersion('openjdk version "25" 2025-09-16'), 25);
    assert.equal(parseJavaVersion('command not found'), undefined);
  });

  it('uses the first JDK that is new enough; CASTWATCH_JAVA_HOME comes first', async () => {
    const own = await fakeJdk('own', '21.0.1');
    const home = await fakeJdk('home', '25');
    const environment = { CASTWATCH_JAVA_HOME: own, JAVA_HOME: home };
    assert.equal((await findJdk(environment, [])).home, own);
    assert.equal((await findJdk({ JAVA_HOME: home }, [])).version, 25);
  });

  it('skips an old JDK on the path and uses a newer one next to it', async () => {
    const old = await fakeJdk('jdk-17', '17.0.2');
    const newer = await fakeJdk('jdk-25', '25.0.1');
    const found = await findJdk({ PATH: join(old, 'bin') }, [folder]);
    assert.equal(found.home, newer);
  });

  it('names its own variable when the JDK there is unusable, even if another JDK is usable', async () => {
    const good = await fakeJdk('jdk-25', '25.0.1');
    const old = await fakeJdk('jdk-17', '17.0.2');
    const nowhere = join(folder, 'nowhere');
    await assert.rejects(findJdk({ CASTWATCH_JAVA_HOME: nowhere, JAVA_HOME: good }, []), (error) => {
      assert.ok(error instanceof CastwatchError && error.code === 'CONFIGURATION');
      assert.equal(error.message, `CASTWATCH_JAVA_HOME names ${nowhere}, which has no bin/java that runs.`);
      return true;
    });
    await assert.rejects(findJdk({ CASTWATCH_JAVA_HOME: old, JAVA_HOME: good }, []), /which has Java 17\./);
    assert.equal((await findJdk({ CASTWATCH_JAVA_HOME: '', JAVA_HOME: good }, [])).home, good);
  });

  it('says in one sentence what is missing, and what to do', async () => {
    const old = await fakeJdk('jdk-17', '17.0.2');
    await assert.rejects(findJdk({ JAVA_HOME: old }, []), (error) => {
      assert.ok(error instanceof CastwatchError);
      assert.equal(error.code, 'ENVIRONMENT');
      assert.equal(
        error.message,
        `Kafka and the schema registry need a JDK 21 or newer; only older versions were found: ${old} (17).`,
      );
      assert.match(error.remedy ?? '', /Install a JDK 21 or newer/);
      return true;
    });
    await assert.rejects(findJdk({}, []), /no JDK was found/);
  });
});
