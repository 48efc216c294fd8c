// gslbctl: the operator's tool. Which verbs there are, and where: words.hpp.
#include <exception>
#include <iostream>

#include "control/words.hpp"

int main(int argc, char** argv) try {
  gslb::control::Words words;
  gslb::control::add_server_words(words);
  gslb::control::add_order_words(words);
  gslb::control::add_reason_words(words);
  gslb::control::add_render_words(words);
  gslb::control::add_file_words(words);
  gslb::control::add_secret_words(words);
  gslb::control::add_config_words(words);
  return static_cast<int>(words.run(argc, argv));
} catch (const std::exception& error) {
  std::cerr << "gslbctl: " << error.what() << "\n";
  return static_cast<int>(gslb::control::Exit::failed);
}
