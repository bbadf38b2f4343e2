// Java's property files, their translation, and that secrets stay out of what is shown.
#include <gtest/gtest.h>

#include <cstdlib>

#include "weir/kafka/admin.h"
#include "weir/kafka/client_properties.h"
#include "weir/kafka/environment.h"
#include "weir/kafka/failures.h"
#include "weir/kafka/java_client.h"
#include "weir/kafka/login_module.h"
#include "weir/kafka/secrets.h"
#include "weir/sys/fake_disk.h"

namespace weir::kafka {
namespace {

Properties read(std::string_view text) {
  auto read = read_java_properties(text, "file");
  EXPECT_TRUE(read) << to_text(read.error());
  return read ? *read : Properties{};
}

// The examples of the documentation of java.util.Properties.load, then its corner cases.
TEST(JavaProperties, ReadsWhatJavaReads) {
  EXPECT_EQ(read("Truth = Beauty\n Truth:Beauty\nTruth            :Beauty"),
            (Properties{{"Truth", "Beauty"}}));
  EXPECT_EQ(read("fruits      apple, banana, pear, \\\n"
                 "            cantaloupe, watermelon, \\\n"
                 "            kiwi, mango\n"),
            (Properties{{"fruits", "apple, banana, pear, cantaloupe, watermelon, kiwi, mango"}}));
  EXPECT_EQ(read("cheeses\n"), (Properties{{"cheeses", ""}}));
  EXPECT_EQ(read("# a = b\n ! c = d\n\n \t\f\nk=v # no comment\r\nl=w\rm=x"),
            (Properties{{"k", "v # no comment"}, {"l", "w"}, {"m", "x"}}));
  EXPECT_EQ(read("\\:\\= = a\\=b\\\\\nx\\ y z"), (Properties{{":=", "a=b\\"}, {"x y", "z"}}));
  EXPECT_EQ(read("a = \\\n# not a comment\nb=\\\n\nc=1\\"),
            (Properties{{"a", "# not a comment"}, {"b", ""}, {"c", "1"}}));
  EXPECT_EQ(read("a=1\na=2  "), (Properties{{"a", "2  "}}));
  EXPECT_EQ(read("=v\n"), (Properties{{"", "v"}}));
}

TEST(JavaProperties, ReadsEscapesAndLatin1) {
  EXPECT_EQ(read("p=\\u0041\\u00e4\\u20ac\\t\\n\\r\\f\\z\\\"")["p"],
            "A\xC3\xA4\xE2\x82\xAC\t\n\r\fz\"");
  EXPECT_EQ(read("p=\\uD83D\\uDE00")["p"], "\xF0\x9F\x98\x80");
  EXPECT_EQ(read("p=\\uD83Dx")["p"], "\xEF\xBF\xBDx");  // a lone surrogate
  EXPECT_EQ(read("p=\xE4")["p"], "\xC3\xA4");
  for (const char* bad : {"p=\\u12", "p=\\u12g4", "\\uD83D\\u=x"}) {
    const auto read = read_java_properties(bad, "file");
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Code::kUsage);
    EXPECT_NE(read.error().what.find("line 1"), std::string::npos);
  }
}

TEST(JavaProperties, ReadsBackWhatItWrites) {
  const Properties all = {{"plain", "value"},
                          {"a key:with=marks #!", " blanks in front and behind "},
                          {"lines", "-----BEGIN\nabc\r\n\tx\f\\"},
                          {"letters", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
                          {"empty", ""}};
  const std::string text = java_properties_text(all);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
  EXPECT_EQ(read(text), all);
}

TEST(LoginModule, ReadsNameAndOptions) {
  const auto module = read_login_module(
      "org.apache.kafka.common.security.scram.ScramLoginModule  REQUIRED\n"
      "  username=\"ali\\\"ce\" password='p;w= d' tokenauth=true ;");
  ASSERT_TRUE(module) << to_text(module.error());
  EXPECT_EQ(module->name, "org.apache.kafka.common.security.scram.ScramLoginModule");
  EXPECT_EQ(module->options,
            (std::map<std::string, std::string>{
                {"username", "ali\"ce"}, {"password", "p;w= d"}, {"tokenauth", "true"}}));
}

TEST(LoginModule, RefusesNonsenseWithoutRepeatingThePassword) {
  for (const char* bad : {"", "x", "x required", "x required password=\"s3cret",
                          "x required password \"s3cret\";", "x required password=;",
                          "x password=\"s3cret\";", "x required password=\"s3cret\"; y required;",
                          "x required =;", "x required password=\"s3cret\""}) {
    const auto module = read_login_module(bad);
    ASSERT_FALSE(module) << bad;
    EXPECT_EQ(to_text(module.error()).find("s3cret"), std::string::npos) << bad;
    EXPECT_FALSE(module.error().remedy.empty());
  }
}

class Translation : public testing::Test {
 protected:
  ClientProperties translate(const Properties& java) {
    auto done = translate_properties(java, "client.properties", disk_);
    EXPECT_TRUE(done) << to_text(done.error());
    return done ? *done : ClientProperties{};
  }
  Error refused(const Properties& java) {
    auto done = translate_properties(java, "client.properties", disk_);
    EXPECT_FALSE(done);
    return done ? Error{} : done.error();
  }
  void write(const std::string& path, std::string_view bytes) {
    auto file = disk_.open(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append(bytes));
  }
  FakeDisk disk_;
};

TEST_F(Translation, TakesWhatBothSidesKnow) {
  const auto done = translate({{"bootstrap.servers", "a:1,b:2"},
                               {"security.protocol", "SASL_SSL"},
                               {"sasl.mechanism", "SCRAM-SHA-512"},
                               {"linger.ms", "7"},
                               {"compression.type", "lz4"}});
  EXPECT_EQ(done.brokers, "a:1,b:2");
  EXPECT_EQ(done.properties, (Properties{{"security.protocol", "SASL_SSL"},
                                         {"sasl.mechanism", "SCRAM-SHA-512"},
                                         {"linger.ms", "7"},
                                         {"compression.type", "lz4"}}));
  EXPECT_TRUE(done.notes.empty());
}

TEST_F(Translation, RenamesWhatIsCalledOtherwise) {
  EXPECT_EQ(translate({{"buffer.memory", "33554432"},
                       {"max.request.size", "2000000"},
                       {"fetch.max.wait.ms", "50"},
                       {"send.buffer.bytes", "-1"},
                       {"ssl.endpoint.identification.algorithm", ""}})
                .properties,
            (Properties{{"queue.buffering.max.kbytes", "32768"},
                        {"message.max.bytes", "2000000"},
                        {"fetch.wait.max.ms", "50"},
                        {"socket.send.buffer.bytes", "0"},
                        {"ssl.endpoint.identification.algorithm", "none"}}));
}

TEST_F(Translation, TakesTheLoginApart) {
  const auto done = translate({{"sasl.jaas.config",
                                "org.apache.kafka.common.security.plain.PlainLoginModule required "
                                "username=\"alice\" password=\"wonder land\";"}});
  EXPECT_EQ(done.properties,
            (Properties{{"sasl.username", "alice"}, {"sasl.password", "wonder land"}}));
  EXPECT_NE(
      refused({{"sasl.jaas.config", "com.sun.security.auth.module.Krb5LoginModule required;"}})
          .what.find("Krb5LoginModule"),
      std::string::npos);
  EXPECT_NE(refused({{"sasl.jaas.config", "x.PlainLoginModule required username=\"a\";"}})
                .what.find("no password"),
            std::string::npos);
}

TEST_F(Translation, LeavesOutWhatOnlyJavaKnowsAndSaysSo) {
  const auto done = translate({{"group.id", "g"},
                               {"metric.reporters", "x.Y"},
                               {"key.serializer", "x.Z"},
                               {"client.dns.lookup", "use_all_dns_ips"},
                               {"schema.registry.url", "http://registry:8081"}});
  EXPECT_TRUE(done.properties.empty());
  ASSERT_EQ(done.notes.size(), 3u);
  EXPECT_NE(done.notes[0].find("group.id"), std::string::npos);
  EXPECT_NE(done.notes[1].find("metric.reporters"), std::string::npos);
  EXPECT_NE(done.notes[2].find("schema.registry.url"), std::string::npos);
}

TEST_F(Translation, NamesTheNearestWordForAMisspeltOne) {
  EXPECT_NE(refused({{"sasl.mechansim", "PLAIN"}}).remedy.find("sasl.mechanism"),
            std::string::npos);
  EXPECT_NE(refused({{"securty.protocol", "SSL"}}).remedy.find("security.protocol"),
            std::string::npos);
}

TEST_F(Translation, TakesStoresByWhatTheyAre) {
  write("/ca.pem", "subject=ca\n-----BEGIN CERTIFICATE-----\n");
  write("/trust.jks", "\xFE\xED\xFE\xED xx");
  write("/trust.p12", std::string_view("\x30\x82\x04\x10", 4));
  EXPECT_EQ(translate({{"ssl.truststore.location", "/ca.pem"}}).properties,
            (Properties{{"ssl.ca.location", "/ca.pem"}}));
  EXPECT_EQ(translate({{"ssl.truststore.certificates", "-----BEGIN"}}).properties,
            (Properties{{"ssl.ca.pem", "-----BEGIN"}}));
  for (const char* path : {"/trust.jks", "/trust.p12"})
    EXPECT_NE(refused({{"ssl.truststore.location", path}}).remedy.find("keytool -list -rfc"),
              std::string::npos);
  EXPECT_EQ(translate({{"ssl.keystore.location", "/ca.pem"}, {"ssl.key.password", "k"}}).properties,
            (Properties{{"ssl.certificate.location", "/ca.pem"},
                        {"ssl.key.location", "/ca.pem"},
                        {"ssl.key.password", "k"}}));
  EXPECT_EQ(translate({{"ssl.keystore.location", "/trust.p12"}, {"ssl.keystore.password", "k"}})
                .properties,
            (Properties{{"ssl.keystore.location", "/trust.p12"}, {"ssl.keystore.password", "k"}}));
  EXPECT_NE(refused({{"ssl.keystore.location", "/trust.jks"}}).remedy.find("PKCS12"),
            std::string::npos);
  EXPECT_EQ(
      translate({{"ssl.keystore.certificate.chain", "C"}, {"ssl.keystore.key", "K"}}).properties,
      (Properties{{"ssl.certificate.pem", "C"}, {"ssl.key.pem", "K"}}));
  EXPECT_NE(refused({{"ssl.truststore.location", "/missing"}}).what.find("cannot be read"),
            std::string::npos);
}

TEST_F(Translation, ReadsAFile) {
  write("/client.properties", "# mine\nsecurity.protocol=SSL\n");
  const auto read = read_client_properties("/client.properties", disk_);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->properties, (Properties{{"security.protocol", "SSL"}}));
  EXPECT_EQ(read_client_properties("/missing", disk_).error().code, Code::kUsage);
}

TEST(Secrets, AreKnownByTheirNames) {
  for (const char* key :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.truststore.password",
        "sasl.jaas.config", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config",
        "ssl.key.pem", "ssl.keystore.key", "basic.auth.credentials", "MY.PASSWORD"})
    EXPECT_TRUE(is_secret(key)) << key;
  for (const char* key :
       {"sasl.username", "security.protocol", "ssl.ca.location", "ssl.key.location", "linger.ms",
        "ssl.truststore.location", "sasl.oauthbearer.token.endpoint.url"})
    EXPECT_FALSE(is_secret(key)) << key;
}

TEST(Secrets, AreHiddenInTextsAndArguments) {
  const ClientConfig client{"b", {{"sasl.password", "pw"}, {"ssl.key.password", "pw-long"}}};
  EXPECT_EQ(hide_secrets("refused pw and pw-long", client), "refused [hidden] and [hidden]");
  EXPECT_EQ(without_secrets(client.properties),
            (Properties{{"sasl.password", "[hidden]"}, {"ssl.key.password", "[hidden]"}}));
  EXPECT_EQ(hide_arguments({"load", "-X", "sasl.password=pw=1", "-Xssl.key.password=x",
                            "--property=sasl.password=y", "--set", "engine.trigger=1s"}),
            (std::vector<std::string>{
                "load", "-X", "sasl.password=[hidden]", "-Xssl.key.password=[hidden]",
                "--property=sasl.password=[hidden]", "--set", "engine.trigger=1s"}));
}

TEST(Secrets, AreNotInWhatARefusedSettingSays) {
  for (const char* back_end : {"librdkafka"}) {
    const auto opened = Admin::open({"127.0.0.1:1",
                                     {{"weir.client", back_end},
                                      {"sasl.passwords.typo", "s3cret"},
                                      {"security.protocol", "plaintext"}}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kUsage);
    EXPECT_EQ(to_text(opened.error()).find("s3cret"), std::string::npos);
  }
}

TEST(Environment, CarriesPropertiesAndLeavesNothingBehind) {
  const ClientConfig client{"b:1", {{"sasl.password", "p w\n="}, {"ssl.ca.pem", "-----\nx"}}};
  for (const auto& [name, value] : to_environment(client))
    ASSERT_EQ(setenv(name.c_str(), value.c_str(), 1), 0);
  const char* where = std::getenv(kPropertiesVariable);
  const auto taken = take_environment();
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, client.properties);
  EXPECT_EQ(*where, '\0');
  EXPECT_EQ(std::getenv(kPropertiesVariable), nullptr);
  EXPECT_EQ(*take_environment(), Properties{});
  unsetenv(kFileVariable);
}

TEST(Environment, IsLentForAsLongAsItIsNeeded) {
  {
    const LentEnvironment lent({"b:1", {{"linger.ms", "3"}}});
    hide_environment();
    EXPECT_STREQ(std::getenv(kPropertiesVariable), "linger.ms=3\n");
  }
  EXPECT_EQ(std::getenv(kPropertiesVariable), nullptr);
}

// What librdkafka says, word for word, and which setting a person is told of.
TEST(Failures, NameTheSettingToLookAt) {
  const auto remedy = [](const char* why) { return unreachable_brokers("b:1", why).remedy; };
  EXPECT_NE(remedy("SASL authentication error: Authentication failed: Invalid username or password")
                .find("sasl.jaas.config"),
            std::string::npos);
  EXPECT_NE(remedy("SSL handshake failed: certificate verify failed: broker certificate could not "
                   "be verified, verify that ssl.ca.location is correctly configured")
                .find("ssl.truststore.location"),
            std::string::npos);
  EXPECT_NE(remedy("Disconnected while requesting ApiVersion: might be caused by incorrect "
                   "security.protocol configuration (connecting to a SSL listener?)")
                .find("security.protocol=SSL"),
            std::string::npos);
  EXPECT_NE(remedy("SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?")
                .find("security.protocol=PLAINTEXT"),
            std::string::npos);
  EXPECT_NE(remedy("127.0.0.1:1: Connection refused").find("check the address"), std::string::npos);
}

// Each setting on its way to librdkafka and back is what Java was told at first.
TEST(JavaClient, IsToldWhatTheFileSaid) {
  FakeDisk disk;
  ASSERT_TRUE(disk.write_whole("/ca.pem", "-----BEGIN CERTIFICATE-----\n"));
  const Properties file = {{"security.protocol", "SASL_SSL"},
                           {"sasl.mechanism", "SCRAM-SHA-256"},
                           {"sasl.jaas.config",
                            "org.apache.kafka.common.security.scram.ScramLoginModule required "
                            "username=\"ann\" password=\"a\\\"b\\\\\";"},
                           {"ssl.truststore.type", "PEM"},
                           {"ssl.truststore.location", "/ca.pem"},
                           {"ssl.endpoint.identification.algorithm", ""},
                           {"ssl.keystore.type", "PEM"},
                           {"ssl.keystore.certificate.chain", "chain"},
                           {"ssl.keystore.key", "key"},
                           {"ssl.key.password", "secret"}};
  const auto there = translate_properties(file, "file", disk);
  ASSERT_TRUE(there) << to_text(there.error());
  auto expected = file;
  expected["bootstrap.servers"] = "a:1,b:2";
  const auto back = java_client_properties({"a:1,b:2", there->properties}, disk);
  ASSERT_TRUE(back) << to_text(back.error());
  EXPECT_EQ(*back, expected);
}

TEST(JavaClient, LeavesOutWhatOnlyLibrdkafkaHas) {
  FakeDisk disk;
  EXPECT_EQ(java_client_properties({"a:1", {{"linger.ms", "5"}}}, disk).value(),
            (Properties{{"bootstrap.servers", "a:1"}}));
}

TEST(JavaClient, JoinsCertificateAndKeyOfTwoFiles) {
  FakeDisk disk;
  ASSERT_TRUE(disk.write_whole("/cert.pem", "certificate"));
  ASSERT_TRUE(disk.write_whole("/key.pem", "key"));
  const ClientConfig client{
      "a:1", {{"ssl.certificate.location", "/cert.pem"}, {"ssl.key.location", "/key.pem"}}};
  const auto java = java_client_properties(client, disk).value();
  EXPECT_EQ(java.at("ssl.keystore.certificate.chain"), "certificate");
  EXPECT_EQ(java.at("ssl.keystore.key"), "key");
  EXPECT_EQ(java.at("ssl.keystore.type"), "PEM");
  const auto missing = java_client_properties(
      {"a:1", {{"ssl.certificate.location", "/none"}, {"ssl.key.location", "/key.pem"}}}, disk);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
}

TEST(JavaClient, RefusesALoginItCannotHandOn) {
  FakeDisk disk;
  const auto java = java_client_properties({"a:1", {{"sasl.mechanism", "OAUTHBEARER"}}}, disk);
  ASSERT_FALSE(java);
  EXPECT_EQ(java.error().code, Code::kUsage);
  EXPECT_NE(java.error().what.find("OAUTHBEARER"), std::string::npos);
}

}  // namespace
}  // namespace weir::kafka
