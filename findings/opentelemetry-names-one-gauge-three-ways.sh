#!/usr/bin/env bash
# The same instruments of OpenTelemetry, offered to Prometheus by the exporters of three languages and by Prometheus' own rules.
#
# Expected: OpenTelemetry fixes how a metric is named in Prometheus, unit included. One instrument has one name everywhere.
# Seen:     level in mm      JavaScript caster_level            Java, Python, Go rules caster_level_mm
#           speed in m/min   JavaScript casting_speed           Java casting_speed_meters_per_minute
#                                                               Python, Go rules casting_speed_meters_per_min
#           share, unit 1    JavaScript, Java, Python valve_open          Go rules valve_open_ratio
#           wait in ms       JavaScript wait                    the others wait_milliseconds
#           The Go rules are those that Prometheus 3 applies to what it receives over OTLP.
# Why it matters for a plant: a service that is written anew in another language, or pushed instead of scraped, loses its alarm
#           without an error: a rule on a name that nobody sends is quiet. Name the unit in the instrument's own name and
#           leave the unit empty, and alarm on absent().
# Versions: @opentelemetry/exporter-prometheus 0.223.0 with sdk-metrics 2.12.1, opentelemetry-exporter-prometheus (PyPI) 0.66b2,
#           opentelemetry-exporter-prometheus (Maven) 1.66.0-alpha, prometheus/otlptranslator 1.0.0. Run on 2026-12-01.
# Needs: go 1.26 beside node with npm, python3 and java with mvn.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-exporter-prometheus</artifactId><version>1.66.0-alpha</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null
cat > go.mod <<'MOD'
module finding
go 1.26
MOD

cat > names.cjs <<'JS'
const { PrometheusExporter, PrometheusSerializer } = require('@opentelemetry/exporter-prometheus');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');
const reader = new PrometheusExporter({ preventServerStart: true });
const meter = new MeterProvider({ readers: [reader] }).getMeter('plant');
for (const [name, unit] of [['caster.level', 'mm'], ['casting.speed', 'm/min'], ['valve.open', '1'], ['wait', 'ms']]) meter.createGauge(name, { unit }).record(5);
reader.collect().then(({ resourceMetrics }) => console.log(new PrometheusSerializer().serialize(resourceMetrics)));
JS
cat > names.py <<'PY'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("plant")
for name, unit in [("caster.level", "mm"), ("casting.speed", "m/min"), ("valve.open", "1"), ("wait", "ms")]:
    meter.create_gauge(name, unit=unit).set(5)
print(generate_latest().decode())
PY
cat > Names.java <<'JAVA'
import io.opentelemetry.exporter.prometheus.PrometheusHttpServer;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import java.net.*;
import java.net.http.*;

public class Names {
  public static void main(String[] args) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) { port = free.getLocalPort(); }
    var server = PrometheusHttpServer.builder().setHost("127.0.0.1").setPort(port).build();
    var meter = SdkMeterProvider.builder().registerMetricReader(server).build().get("plant");
    for (String[] one : new String[][] {{"caster.level", "mm"}, {"casting.speed", "m/min"}, {"valve.open", "1"}, {"wait", "ms"}})
      meter.gaugeBuilder(one[0]).setUnit(one[1]).build().set(5);
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    System.exit(0);
  }
}
JAVA
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/prometheus/otlptranslator"
)

func main() {
	namer := otlptranslator.MetricNamer{WithMetricSuffixes: true, UTF8Allowed: false}
	for _, one := range [][2]string{{"caster.level", "mm"}, {"casting.speed", "m/min"}, {"valve.open", "1"}, {"wait", "ms"}} {
		name, err := namer.Build(otlptranslator.Metric{Name: one[0], Unit: one[1], Type: otlptranslator.MetricTypeGauge})
		if err != nil {
			panic(err)
		}
		fmt.Println("# TYPE", name, "gauge")
	}
}
GO
go get github.com/prometheus/otlptranslator@v1.0.0 2> go.log || { cat go.log; exit 1; }

names() { grep '^# TYPE \(caster\|casting\|valve\|wait\)' | cut -d' ' -f3 | sort | tr '\n' ' '; }
javascript=$(node names.cjs | names); python=$(venv/bin/python names.py | names); java=$(java -cp 'lib/*' Names.java | names); go=$(go run . | names)
printf '%-11s%s\n' JavaScript "$javascript" Python "$python" Java "$java" 'Go rules' "$go"
[ "$javascript" = 'caster_level casting_speed valve_open wait ' ]
[ "$python" = 'caster_level_mm casting_speed_meters_per_min valve_open wait_milliseconds ' ]
[ "$java" = 'caster_level_mm casting_speed_meters_per_minute valve_open wait_milliseconds ' ]
[ "$go" = 'caster_level_mm casting_speed_meters_per_min valve_open_ratio wait_milliseconds ' ]
