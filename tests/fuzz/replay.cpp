// tests/fuzz/replay.cpp: runs a fuzz target over its corpus and a fixed number of mutants of it, without libFuzzer.
//
//   x_replay CORPUS_FOLDER [MUTANTS]     deterministic: the same corpus gives the same inputs
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

void run(const Input& input) {
  const Input exact(input);  // an allocation of just this size, so that sanitizers see a read past the end
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

Input mutate(Input input, const std::vector<Input>& corpus, gslb::base::Random& random) {
  for (unsigned rounds = 1 + random.below(4); rounds > 0; --rounds) {
    const auto at = input.empty() ? 0 : random.below(static_cast<std::uint32_t>(input.size()));
    switch (random.below(5)) {
      case 0:
        if (!input.empty()) input[at] ^= static_cast<std::uint8_t>(1U << random.below(8));
        break;
      case 1:
        if (!input.empty()) input[at] = static_cast<std::uint8_t>(random.next());
        break;
      case 2:
        input.insert(input.begin() + at, static_cast<std::uint8_t>(random.next()));
        break;
      case 3:
        input.resize(at);
        break;
      default: {
        const Input& other = corpus[random.below(static_cast<std::uint32_t>(corpus.size()))];
        if (other.empty()) break;
        const auto from = random.below(static_cast<std::uint32_t>(other.size()));
        input.resize(at);
        input.insert(input.end(), other.begin() + from, other.end());
      }
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER [MUTANTS]\n", argv[0]);
    return 2;
  }
  const unsigned long mutants = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 2000;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Input> corpus;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    run(corpus.back());
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no corpus\n", argv[1]);
    return 1;
  }
  gslb::base::Random random(1);
  for (unsigned long i = 0; i < mutants; ++i)
    run(mutate(corpus[random.below(static_cast<std::uint32_t>(corpus.size()))], corpus, random));
  std::printf("%zu inputs and %lu mutants\n", corpus.size(), mutants);
}
