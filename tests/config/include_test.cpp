#include "config/include.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;

std::vector<std::string> errors_of_file(const std::string& path) {
  base::ErrorList errors;
  std::vector<std::string> out;
  if (load(path, errors)) return out;
  for (const auto& error : errors.all()) out.push_back(base::to_string(error));
  return out;
}

Config loaded_file(const std::string& path) {
  base::ErrorList errors;
  auto config = load(path, errors);
  for (const auto& error : errors.all()) ADD_FAILURE() << base::to_string(error);
  return config.value_or(Config{});
}

std::string zone(const std::string& name) { return "zones: { " + name + ": { ns: [ns1.example.org.] } }\n"; }

TEST(Include, JoinsSectionsOfFilesThatMatchAPattern) {
  const Folder folder;
  folder.write("sites.yaml", "sites: { fra: { at: [50, 8] } }\n");
  folder.write("zones/b.yaml", zone("b.example.org"));
  folder.write("zones/a.yaml", zone("a.example.org"));
  const auto main = folder.write(
      "gslb.yaml", "include: [sites.yaml, zones/*.yaml]\nsites: { iad: { at: [39, -77] } }\n" + zone("example.org"));
  const Config config = loaded_file(main);
  EXPECT_THAT(config.files,
              ElementsAre(main, folder.path("sites.yaml"), folder.path("zones/a.yaml"), folder.path("zones/b.yaml")));
  ASSERT_EQ(config.sites.size(), 2U);
  EXPECT_EQ(config.sites[1].name, "fra");
  ASSERT_EQ(config.zones.size(), 3U);
  EXPECT_EQ(config.zones[1].apex.value.to_string(), "a.example.org.");
}

TEST(Include, IsRelativeToTheIncludingFileAndMayNest) {
  const Folder folder;
  folder.write("zones/all.yaml", "include: \"inner/*.yaml\"\n");
  folder.write("zones/inner/a.yaml",
               "zones: { example.org: { ns: [ns1.example.org.], files: [static.zone, /etc/x.zone] } }\n");
  const Config config = loaded_file(folder.write("gslb.yaml", "include: zones/all.yaml\n"));
  ASSERT_EQ(config.zones.size(), 1U);
  EXPECT_EQ(config.zones[0].files[0].value, folder.path("zones/inner/static.zone"));
  EXPECT_EQ(config.zones[0].files[1].value, "/etc/x.zone");
}

TEST(Include, ReportsANameDefinedInTwoFilesWithBothPlaces) {
  const Folder folder;
  const auto sites = folder.write("sites.yaml", "sites:\n  fra: { at: [50, 8] }\n");
  const auto main =
      folder.write("gslb.yaml", "include: sites.yaml\nsites:\n  fra: { at: [50, 8] }\n" + zone("example.org"));
  EXPECT_THAT(errors_of_file(main),
              ElementsAre(HasSubstr(sites + ":2:3: sites.fra: is already set at " + main + ":3:3")));
}

TEST(Include, RefusesASingleValueThatTwoFilesSet) {
  const Folder folder;
  const auto other = folder.write("other.yaml", "threads: 2\n");
  const auto main = folder.write("gslb.yaml", "include: other.yaml\nthreads: 1\n" + zone("example.org"));
  EXPECT_THAT(errors_of_file(main),
              ElementsAre(HasSubstr(other + ":1:1: threads: is already set at " + main + ":2:1")));
}

TEST(Include, RefusesOneZoneInTwoFilesHoweverItIsSpelled) {
  const Folder folder;
  const auto other = folder.write("other.yaml", zone("Example.Org."));
  const auto main = folder.write("gslb.yaml", "include: other.yaml\n" + zone("example.org"));
  EXPECT_THAT(errors_of_file(main),
              ElementsAre(HasSubstr(other + ":1:10: zones.Example.Org.: the zone example.org. is already at " + main)));
}

TEST(Include, RefusesCyclesAndFilesReadTwice) {
  const Folder folder;
  const auto a = folder.write("a.yaml", "include: gslb.yaml\n");
  const auto main = folder.write("gslb.yaml", "include: [a.yaml, ./a.yaml]\n" + zone("example.org"));
  EXPECT_THAT(errors_of_file(main), ElementsAre(HasSubstr(main + ":1:19: include[1]: \"" + a.substr(0, 10)),
                                                HasSubstr(a + ":1:10: include: ")));
}

TEST(Include, RefusesFilesThatAreNotThere) {
  const Folder folder;
  const auto main = folder.write("gslb.yaml", "include: [sites.yaml, nowhere/*.yaml, ./*.yml]\n" + zone("example.org"));
  EXPECT_THAT(errors_of_file(main), ElementsAre(HasSubstr(":1:11: include[0]: there is no file \"sites.yaml\""),
                                                HasSubstr(":1:23: include[1]: there is no file \"nowhere/*.yaml\"")));
}

TEST(Include, GoesAtMostEightDeep) {
  const Folder folder;
  for (int i = 0; i < 20; ++i)
    folder.write("f" + std::to_string(i) + ".yaml", "include: f" + std::to_string(i + 1) + ".yaml\n");
  EXPECT_THAT(errors_of_file(folder.write("gslb.yaml", "include: f0.yaml\n" + zone("example.org"))),
              ElementsAre(HasSubstr("f7.yaml:1:10: include: includes go more than 8 deep")));
}

TEST(Include, ReportsErrorsOfAllFiles) {
  const Folder folder;
  folder.write("a.yaml", "a: [\n");
  folder.write("b.yaml", "- x\n");
  folder.write("c.yaml", "threds: 1\n");
  const auto main = folder.write("gslb.yaml", "include: [a.yaml, b.yaml, c.yaml]\n" + zone("example.org"));
  EXPECT_THAT(errors_of_file(main),
              ElementsAre(HasSubstr("a.yaml:2:1: not YAML: "), HasSubstr("b.yaml:1:1: must be a mapping"),
                          HasSubstr("c.yaml:1:1: threds: there is no key")));
}

TEST(Include, TakesFolderNamesLiterally) {
  const Folder folder;
  folder.write("[x]*/zones/a.yaml", zone("example.org"));
  EXPECT_EQ(loaded_file(folder.write("[x]*/gslb.yaml", "include: zones/*.yaml\n")).zones.size(), 1U);
}

TEST(Include, ToleratesAnEmptyFile) {
  const Folder folder;
  folder.write("a.yaml", "# nothing yet\n");
  EXPECT_EQ(loaded_file(folder.write("gslb.yaml", "include: a.yaml\n" + zone("example.org"))).files.size(), 2U);
}

TEST(Load, SaysWhyTheMainFileCannotBeRead) {
  const Folder folder;
  EXPECT_THAT(errors_of_file(folder.path("none.yaml")),
              ElementsAre(folder.path("none.yaml") + ": cannot open: No such file or directory"));
  EXPECT_THAT(errors_of_file(folder.path("")), ElementsAre(HasSubstr("is not a regular file")));
}

TEST(Load, ZonesCarryTheNewestModificationTimeOfAllFiles) {
  const Folder folder;
  const auto sites = folder.write("sites.yaml", "sites: { fra: { at: [50, 8] } }\n");
  const auto main = folder.write("gslb.yaml", "include: sites.yaml\n" + zone("example.org"));
  const auto touch = [](const std::string& path, std::time_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  };
  touch(main, 1'700'000'000);
  touch(sites, 1'600'000'000);
  EXPECT_EQ(loaded_file(main).zones.at(0).modified, 1'700'000'000);
  touch(sites, 1'750'000'000);
  EXPECT_EQ(loaded_file(main).zones.at(0).modified, 1'750'000'000);
}

}  // namespace
}  // namespace gslb::config
