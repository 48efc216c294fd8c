// What other systems answer, as their documentation writes it, and what it comes to.
#include <gtest/gtest.h>

#include <cmath>

#include "health/feeds/adapter.hpp"

namespace gslb::health {
namespace {

FeedSpec spec_of(FeedKind kind, std::string object = "www") {
  FeedSpec spec;
  spec.kind = kind;
  spec.object = std::move(object);
  return spec;
}

FeedAnswer ok(std::string body) { return {200, {}, std::move(body)}; }

std::string error_of(Adapter& adapter, const FeedAnswer& answer) {
  const auto reading = adapter.read(answer);
  return reading ? "" : reading.error().what;
}

const std::string csv_names =
    "# pxname,svname,qcur,qmax,scur,smax,slim,stot,weight,act,bck,type,rate,hrsp_5xx,req_tot,econ,eresp,status,ttime,"
    "uweight,\n";

std::string server(const std::string& name, const std::string& status, unsigned weight, unsigned limit = 100,
                   unsigned bck = 0) {
  return "www," + name + ",0,0,1,1," + std::to_string(limit) + ",5," + std::to_string(weight) + "," +
         std::to_string(1 - bck) + "," + std::to_string(bck) + ",2,0,,,,,\"" + status + "\",," +
         std::to_string(weight) + ",\n";
}

std::string backend(const std::string& status) {
  return "www,BACKEND,3,9,7,20,200,1000,2,2,0,1,12,5,900,2,1," + status + ",42,2,\n";
}

TEST(HaproxyFeed, CountsServersByTheirWeights) {
  const auto adapter = make_adapter(spec_of(FeedKind::haproxy));
  EXPECT_EQ(adapter->ask("").target, "/stats;csv");
  const auto reading = adapter->read(ok(csv_names + "other,BACKEND,0,0,0,0,0,0,1,1,0,1,0,0,0,0,0,UP,1,1,\n" +
                                        server("a", "UP 1/3", 100) + server("b", "DOWN 1/2", 100) +
                                        server("c", "UP", 200) + backend("UP")));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->says, FeedSays::serving);
  EXPECT_EQ(reading->members, 3U);
  EXPECT_EQ(reading->usable, 2U);
  EXPECT_DOUBLE_EQ(reading->capacity, 0.75);
  EXPECT_EQ(reading->connections, 7);
  EXPECT_EQ(reading->connection_limit, 300);
  EXPECT_EQ(reading->queue, 3);
  EXPECT_EQ(reading->requests_counted, 900U);
  EXPECT_EQ(reading->errors_counted, 8U);
  EXPECT_EQ(reading->response_time, std::chrono::milliseconds(42));
  EXPECT_EQ(adapter->members().size(), 3U);
}

TEST(HaproxyFeed, DrainedIsNotDown) {
  const auto adapter = make_adapter(spec_of(FeedKind::haproxy));
  // The row of the backend says DOWN when its last server is drained.
  auto reading = adapter->read(
      ok(csv_names + server("a", "DRAIN (agent)", 100) + server("b", "MAINT (via x/y)", 100) + backend("DOWN")));
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->says, FeedSays::draining);
  reading = adapter->read(ok(csv_names + server("a", "DOWN", 100) + backend("DOWN")));
  EXPECT_EQ(reading->says, FeedSays::failing);
}

TEST(HaproxyFeed, ServersThatStandByCountWhenNobodyElseWorks) {
  const auto adapter = make_adapter(spec_of(FeedKind::haproxy));
  const std::string reserve = server("spare", "UP", 100, 0, 1);
  auto reading = adapter->read(ok(csv_names + server("a", "DOWN", 100) + reserve + backend("UP")));
  EXPECT_EQ(reading->says, FeedSays::serving);
  EXPECT_EQ(reading->members, 1U);
  EXPECT_FALSE(reading->connection_limit) << "one of them has no limit";
  reading = adapter->read(ok(csv_names + server("a", "UP", 100) + reserve + backend("UP")));
  EXPECT_DOUBLE_EQ(reading->capacity, 1);
}

TEST(HaproxyFeed, IsAskedThroughItsRuntimeApiToo) {
  FeedSpec spec = spec_of(FeedKind::haproxy);
  spec.plain = true;
  const auto adapter = make_adapter(spec);
  EXPECT_EQ(adapter->ask("").say, "show stat\n");
  EXPECT_TRUE(adapter->read({0, {}, csv_names + server("a", "no check", 1) + backend("UP") + "\n"}));
}

TEST(HaproxyFeed, SaysWhatIsWrong) {
  const auto adapter = make_adapter(spec_of(FeedKind::haproxy));
  EXPECT_EQ(error_of(*adapter, {401, {}, "<html>\n"}), "HAProxy answers 401: <html>\\x0a");
  EXPECT_EQ(error_of(*adapter, ok("<html>")), "this is no statistics of HAProxy: no line of names");
  EXPECT_EQ(error_of(*adapter, ok(csv_names)), "HAProxy has no backend \"www\"");
}

TEST(PageFeed, ReadsTheSnippetOfHaproxy) {
  const auto adapter = make_adapter(spec_of(FeedKind::page));
  auto reading = adapter->read(ok(R"({"servers":3,"of":4,"conn":12,"queue":1,"free":388,"rate":20})"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_DOUBLE_EQ(reading->capacity, 0.75);
  EXPECT_EQ(reading->connection_limit, 400);
  EXPECT_EQ(reading->rate, 20);
  // connslots is -1 where a server has no limit.
  reading = adapter->read(ok(R"({"servers":3,"conn":12,"free":-1})"));
  EXPECT_FALSE(reading->connection_limit);
  reading = adapter->read({503, {}, R"({"servers":0,"conn":0,"draining":true})"});
  EXPECT_EQ(reading->says, FeedSays::draining);
  reading = adapter->read({503, {}, R"({"servers":0,"conn":0})"});
  EXPECT_EQ(reading->says, FeedSays::failing);
}

TEST(PageFeed, ReadsPeers) {
  const auto adapter = make_adapter(spec_of(FeedKind::page));
  const auto reading = adapter->read(ok(R"({"peers":[
      {"addr":"192.0.2.1:80","up":true,"weight":2,"rps":30,"err_rate":0.1,"rt_ms":10},
      {"addr":"192.0.2.2:80","up":false,"weight":2,"rps":10,"err_rate":0.5,"rt_ms":30}],"utilization":0.4})"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_DOUBLE_EQ(reading->capacity, 0.5);
  EXPECT_EQ(reading->rate, 40);
  EXPECT_DOUBLE_EQ(*reading->errors, 0.2);
  EXPECT_EQ(reading->response_time, std::chrono::milliseconds(15));
  EXPECT_EQ(reading->utilization, 0.4);
}

TEST(PageFeed, TakesNoNumberThatIsNone) {
  const auto adapter = make_adapter(spec_of(FeedKind::page));
  EXPECT_EQ(error_of(*adapter, ok(R"({"servers":-1})")), "the page has neither \"servers\" nor \"peers\"");
  EXPECT_NE(error_of(*adapter, ok("{")), "");
  EXPECT_NE(error_of(*adapter, {404, {}, "{}"}), "");
  const auto reading = adapter->read(ok(R"({"servers":1e300,"conn":-3,"errors":7,"rt_ms":1e99})"));
  ASSERT_FALSE(reading);
}

TEST(PageFeed, SumsOfPeersStayWithinTheirRange) {
  const auto adapter = make_adapter(spec_of(FeedKind::page));
  const auto reading = adapter->read(ok(R"({"peers":[{"rps":0.1,"err_rate":1,"rt_ms":1e12},
      {"rps":0.7,"err_rate":1,"rt_ms":1e12},{"rps":0.2,"err_rate":3}]})"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_LE(*reading->errors, 1);
  EXPECT_FALSE(reading->response_time);
}

TEST(AgentFeed, ReadsTheWordsOfAgentChecks) {
  const auto adapter = make_adapter(spec_of(FeedKind::agent));
  EXPECT_EQ(adapter->ask("").say, "www\n");
  EXPECT_EQ(make_adapter(spec_of(FeedKind::agent, ""))->ask("").say, "");
  const auto said = [&](const std::string& line) {
    const auto reading = adapter->read({0, {}, line});
    return reading ? std::string(to_string(reading->says)) + " " + std::to_string(std::lround(reading->capacity * 100))
                   : reading.error().what;
  };
  EXPECT_EQ(said("75%\n"), "serving 75");
  EXPECT_EQ(said("ready, up 200%\r\n"), "serving 100");
  EXPECT_EQ(said("up\n"), "serving 100");
  EXPECT_EQ(said("drain 50%\n"), "draining 0");
  EXPECT_EQ(said("maint\n"), "draining 0");
  EXPECT_EQ(said("0%\n"), "draining 0");
  EXPECT_EQ(said("down #disk full: up 3%\n"), "failing 0");
  EXPECT_EQ(said("drain stopped"), "failing 0");
  for (const std::string line : {"", "# no idea\n", "hello\n", "%\n", "-1%\n", "maxconn:30\n"})
    EXPECT_EQ(said(line), "the agent says neither a weight nor a state") << line;
}

TEST(RegistryFeed, APortThatIsNoneIsZero) {
  FeedSpec spec = spec_of(FeedKind::nacos);
  spec.api = 1;
  for (const std::string port : {"1e300", "-1", "65536", "\"http\"", "null"}) {
    const auto adapter = make_adapter(spec);
    ASSERT_TRUE(adapter->read(ok(R"({"hosts":[{"ip":"192.0.2.1","port":)" + port + "}]}"))) << port;
    ASSERT_EQ(adapter->members().size(), 1U);
    EXPECT_EQ(adapter->members()[0].name, "192.0.2.1:0");
  }
}

TEST(StubStatusFeed, TellsOfLoadOnly) {
  const auto adapter = make_adapter(spec_of(FeedKind::stub_status));
  const auto reading = adapter->read(
      ok("Active connections: 9 \nserver accepts handled requests\n 16 16 31 \nReading: 0 Writing: 1 Waiting: 8 \n"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->says, FeedSays::unknown);
  EXPECT_EQ(reading->connections, 1);
  EXPECT_EQ(reading->requests_counted, 31U);
  EXPECT_EQ(error_of(*adapter, ok("hello")), "this is no page of stub_status");
}

TEST(EnvoyFeed, AHostIsUpOnlyIfNothingSpeaksAgainstIt) {
  const auto adapter = make_adapter(spec_of(FeedKind::envoy));
  const auto reading = adapter->read(ok(R"({"cluster_statuses":[{"name":"other"},{"name":"www","host_statuses":[
    {"address":{"socket_address":{"address":"192.0.2.1","port_value":8080}},"health_status":{"eds_health_status":"HEALTHY"},
     "stats":[{"name":"rq_total","value":"100"},{"name":"rq_error","value":"5"},{"name":"rq_active"}],"weight":1},
    {"address":{"socket_address":{"address":"192.0.2.2","port_value":8080}},
     "health_status":{"eds_health_status":"HEALTHY","failed_outlier_check":true},"weight":1}]}]})"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->usable, 1U);
  EXPECT_DOUBLE_EQ(reading->capacity, 0.5);
  EXPECT_EQ(reading->requests_counted, 100U);
  EXPECT_EQ(reading->errors_counted, 5U);
  EXPECT_EQ(adapter->members()[1].name, "192.0.2.2:8080");
}

TEST(EnvoyFeed, AClusterWithoutHostsSaysNothing) {
  const auto adapter = make_adapter(spec_of(FeedKind::envoy));
  EXPECT_EQ(error_of(*adapter, ok(R"({"cluster_statuses":[{"name":"www"}]})")), "Envoy's cluster \"www\" has no hosts");
  EXPECT_EQ(error_of(*adapter, ok(R"({"cluster_statuses":[]})")), "Envoy has no cluster \"www\"");
}

std::string instance(const std::string& id, const std::string& status, const std::string& check = "service:a") {
  return R"({"Node":{"Address":"192.0.2.9"},"Service":{"ID":")" + id +
         R"(","Address":"","Port":80,"Weights":{"Passing":10,"Warning":1}},"Checks":[{"CheckID":"serfHealth","Status":"passing"},)"
         R"({"CheckID":")" +
         check + R"(","Status":")" + status + R"("}]})";
}

TEST(ConsulFeed, WarningsWeighLessAndMaintenanceDrains) {
  const auto adapter = make_adapter(spec_of(FeedKind::consul));
  const auto reading =
      adapter->read(ok("[" + instance("a", "passing") + "," + instance("b", "warning") + "," +
                       instance("c", "critical") + "," + instance("d", "critical", "_service_maintenance:d") + "]"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->members, 4U);
  EXPECT_EQ(reading->usable, 2U);
  EXPECT_DOUBLE_EQ(reading->capacity, 11 / 40.0);
  EXPECT_EQ(adapter->members()[0].name, "192.0.2.9:80") << "without an address of its own, the node's";
  EXPECT_TRUE(adapter->members()[3].draining);
}

TEST(ConsulFeed, WaitsForChangesAndBeginsAnewWhenTheIndexGoesBack) {
  const auto adapter = make_adapter(spec_of(FeedKind::consul));
  const std::string body = "[" + instance("a", "passing") + "]";
  EXPECT_EQ(adapter->ask("t").target, "/v1/health/service/www?stale");
  EXPECT_EQ(adapter->ask("t").headers.back().second, "t");
  ASSERT_TRUE(adapter->read({200, {{"x-consul-index", "42"}}, body}));
  EXPECT_EQ(adapter->ask("").target, "/v1/health/service/www?stale&index=42&wait=30s");
  EXPECT_GT(adapter->ask("").waits, std::chrono::seconds(30));
  ASSERT_TRUE(adapter->read({200, {{"x-consul-index", "41"}}, body}));
  EXPECT_EQ(adapter->ask("").target, "/v1/health/service/www?stale");
  ASSERT_TRUE(adapter->read({200, {{"x-consul-index", "0"}}, body}));
  EXPECT_EQ(adapter->ask("").target, "/v1/health/service/www?stale&index=1&wait=30s") << "0 would not block";
}

TEST(ConsulFeed, AnEmptyListIsNeverBelieved) {
  const auto adapter = make_adapter(spec_of(FeedKind::consul));
  EXPECT_EQ(error_of(*adapter, {200, {{"x-consul-results-filtered-by-acls", "true"}}, "[]"}),
            "Consul leaves out what the token may not read");
  EXPECT_EQ(error_of(*adapter, {200, {{"x-consul-knownleader", "false"}}, "[]"}), "Consul has no leader");
  EXPECT_EQ(error_of(*adapter, ok("[]")), "Consul knows no instance of \"www\"");
  EXPECT_EQ(error_of(*adapter, {403, {}, "ACL not found"}), "Consul answers 403: ACL not found");
  EXPECT_EQ(error_of(*adapter, {500, {}, "No cluster leader"}), "Consul answers 500: No cluster leader");
}

TEST(NacosFeed, UsableIsHealthyEnabledAndOfSomeWeight) {
  FeedSpec spec = spec_of(FeedKind::nacos);
  const std::string hosts = R"([{"ip":"192.0.2.1","port":80,"healthy":true,"enabled":true,"weight":1.0},
      {"ip":"192.0.2.2","port":80,"healthy":false,"enabled":true},{"ip":"192.0.2.3","port":80,"enabled":false}])";
  spec.api = 1;
  EXPECT_EQ(make_adapter(spec)->ask("").target, "/nacos/v1/ns/instance/list?serviceName=www");
  EXPECT_EQ(make_adapter(spec)->read(ok(R"({"hosts":)" + hosts + "}"))->usable, 1U);
  spec.api = 2;
  const auto adapter = make_adapter(spec);
  EXPECT_EQ(adapter->read(ok(R"({"code":0,"data":{"hosts":)" + hosts + "}}"))->members, 3U);
  spec.api = 3;
  EXPECT_EQ(make_adapter(spec)->read(ok(R"({"code":0,"data":)" + hosts + "}"))->usable, 1U);
}

TEST(NacosFeed, IsNotBelievedWhileItProtectsTheService) {
  FeedSpec spec = spec_of(FeedKind::nacos);
  spec.api = 2;
  const auto adapter = make_adapter(spec);
  EXPECT_EQ(error_of(*adapter, ok(R"({"code":0,"data":{"reachProtectionThreshold":true,"hosts":[{}]}})")),
            "Nacos protects the service: it lists what is unhealthy as if it were healthy");
  EXPECT_EQ(error_of(*adapter, ok(R"({"code":20004,"message":"not found"})")), "Nacos refuses: not found");
  EXPECT_EQ(error_of(*adapter, ok(R"({"code":0,"data":{"hosts":[]}})")), "Nacos knows no instance of \"www\"");
}

TEST(EurekaFeed, ALeaseThatRanOutCountsAsGone) {
  const auto adapter = make_adapter(spec_of(FeedKind::eureka));
  EXPECT_EQ(adapter->ask("").target, "/eureka/apps/www");
  const auto reading = adapter->read(ok(R"({"application":{"instance":[
    {"ipAddr":"192.0.2.1","status":"UP","port":{"$":8080,"@enabled":"true"},"leaseInfo":{"durationInSecs":90,"lastRenewalTimestamp":1700000100000}},
    {"ipAddr":"192.0.2.2","status":"UP","port":{"$":"8080"},"leaseInfo":{"durationInSecs":90,"lastRenewalTimestamp":1700000000000}},
    {"ipAddr":"192.0.2.3","status":"OUT_OF_SERVICE"}]}})"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->members, 3U);
  EXPECT_EQ(reading->usable, 1U) << "the second was kept by self-preservation";
}

TEST(EurekaFeed, ASingleInstanceMayBeNoList) {
  const auto adapter = make_adapter(spec_of(FeedKind::eureka));
  EXPECT_EQ(adapter->read(ok(R"({"application":{"instance":{"ipAddr":"192.0.2.1","status":"UP"}}})"))->usable, 1U);
  EXPECT_EQ(error_of(*adapter, {404, {}, ""}), "Eureka knows no application \"www\"");
}

TEST(KubernetesFeed, MergesSlicesAndCountsEachPodOnce) {
  const auto adapter = make_adapter(spec_of(FeedKind::kubernetes));
  EXPECT_EQ(
      adapter->ask("t").target,
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dwww");
  const auto reading = adapter->read(ok(R"({"items":[
    {"addressType":"IPv4","endpoints":[{"addresses":["192.0.2.1"],"conditions":{"ready":true},"targetRef":{"name":"a"}},
                                       {"addresses":["192.0.2.2"],"conditions":{"ready":false,"serving":true,"terminating":true},"targetRef":{"name":"b"}},
                                       {"addresses":["192.0.2.3"],"conditions":{}}]},
    {"addressType":"IPv6","endpoints":[{"addresses":["2001:db8::1"],"conditions":{"ready":true},"targetRef":{"name":"a"}}]},
    {"endpoints":null}]})"));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->members, 3U);
  EXPECT_EQ(reading->usable, 2U);
  EXPECT_EQ(error_of(*adapter, ok(R"({"items":[]})")), "Kubernetes has no endpoint of \"www\"");
  EXPECT_EQ(error_of(*adapter, {410, {}, "too old resource version"}),
            "Kubernetes answers 410: too old resource version");
}

std::string etcd_answer(unsigned revision, bool with_keys) {
  // "svc/a" with value "", "svc/b" with value {"draining":true}
  return R"({"header":{"revision":")" + std::to_string(revision) + R"("})" +
         (with_keys ? R"(,"kvs":[{"key":"c3ZjL2E=","mod_revision":"2"},)"
                      R"({"key":"c3ZjL2I=","mod_revision":"3","value":"eyJkcmFpbmluZyI6dHJ1ZX0="}])"
                    : "") +
         "}";
}

TEST(EtcdFeed, WhatIsRegisteredIsUpUnlessItSaysOtherwise) {
  const auto adapter = make_adapter(spec_of(FeedKind::etcd, "svc/"));
  const auto reading = adapter->read(ok(etcd_answer(5, true)));
  ASSERT_TRUE(reading) << reading.error().what;
  EXPECT_EQ(reading->members, 2U);
  EXPECT_EQ(reading->usable, 1U);
  EXPECT_EQ(adapter->members()[0].name, "a");
}

TEST(EtcdFeed, AnEmptyOrOlderStoreSaysNothing) {
  const auto adapter = make_adapter(spec_of(FeedKind::etcd, "svc/"));
  ASSERT_TRUE(adapter->read(ok(etcd_answer(5, true))));
  EXPECT_EQ(error_of(*adapter, ok(etcd_answer(4, true))), "etcd is older than it was");
  EXPECT_EQ(error_of(*adapter, ok(etcd_answer(9, false))), "nothing is registered below svc/");
  EXPECT_NE(error_of(*adapter, {401, {}, "{}"}), "");
}

TEST(PrometheusFeed, IsOneNumber) {
  const auto adapter = make_adapter(spec_of(FeedKind::prometheus, "sum(up) / 2"));
  EXPECT_EQ(adapter->ask("").target, "/api/v1/query?query=sum%28up%29%20%2F%202");
  const auto vector = adapter->read(ok(
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1700000000.1,"0.85"]}]}})"));
  ASSERT_TRUE(vector) << vector.error().what;
  EXPECT_EQ(vector->utilization, 0.85);
  EXPECT_EQ(adapter->read(ok(R"({"status":"success","data":{"resultType":"scalar","result":[1,"2"]}})"))->utilization,
            2);
}

TEST(PrometheusFeed, SaysWhyAValueIsNone) {
  const auto adapter = make_adapter(spec_of(FeedKind::prometheus));
  const auto answer = [](const std::string& result) {
    return ok(R"({"status":"success","data":{"resultType":"vector","result":[)" + result + "]}}");
  };
  const std::string one = R"({"value":[1,"0.5"]})";
  EXPECT_EQ(error_of(*adapter, answer("")), "the query finds nothing");
  EXPECT_EQ(error_of(*adapter, answer(one + "," + one)),
            "the query finds 2 series; make it one, for example with sum()");
  EXPECT_EQ(error_of(*adapter, answer(R"({"value":[1,"NaN"]})")), "the query's value is not a number from 0 on");
  EXPECT_EQ(error_of(*adapter, {400, {}, R"({"status":"error","error":"parse error"})"}),
            "Prometheus refuses the query: parse error");
}

}  // namespace
}  // namespace gslb::health
