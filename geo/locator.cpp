#include "geo/locator.hpp"

#include <algorithm>

#include "geo/deep_vote.hpp"
#include "geo/lookup.hpp"
#include "geo/questions.hpp"
#include "geo/special.hpp"

namespace gslb::geo {

namespace {

constexpr std::size_t index_of(base::Family family) noexcept { return family == base::Family::v4 ? 0 : 1; }

std::uint16_t place_class_below(const image::Node* nodes, const std::uint16_t* leaves, std::uint32_t node, auto key,
                                unsigned depth) noexcept {
  for (;; depth += image::stride) {
    const image::Node& here = nodes[node];
    const unsigned chunk = chunk_of(key, depth);
    if (!is_child(here, chunk)) return leaves[leaf_index(here, chunk)];
    node = child_of(here, chunk);
  }
}

std::span<const std::uint8_t> bytes_of(const std::variant<image::Buffer, base::MappedFile>& storage) {
  return std::visit([](const auto& kept) { return kept.bytes(); }, storage);
}

}  // namespace

template <class Key>
class Locator::Lookup {
 public:
  Lookup(const FamilyTables& tables, const SignatureTables& signature, const base::IpAddress& address) noexcept
      : tables_(tables),
        signature_(signature),
        scopes_(signature.family[is_v4 ? 0 : 1]),
        key_(key_of<Key>(address)),
        slot_(slot_of(key_)) {}

  std::uint16_t place_class() const noexcept {
    const std::uint32_t entry = tables_.direct[slot_];
    if ((entry & image::direct_leaf) != 0) return static_cast<std::uint16_t>(entry);
    return place_class_below(tables_.nodes, tables_.leaves, entry, key_, image::direct_bits);
  }

  /// Place class of the network's first address, and where one service class begins on the way to it: at most
  /// `source`, or nothing if the network is mixed; then `majority` is set.
  struct Found {
    bool mixed = false;
    std::uint8_t scope = 0;
    std::uint16_t service_class = 0;
    std::uint16_t place_class = 0;  ///< only if not mixed
  };

  Found find(unsigned source) const noexcept {
    const unsigned depth = scopes_.depth == nullptr ? 0 : scopes_.depth[slot_];
    if (depth <= source && depth != image::deeper) return uniform(depth, place_class());
    if (source < image::direct_bits) return mixed(source, top_majority(source));
    return descend(source);
  }

  /// Where one place class begins on the way to the address.
  unsigned place_depth() const noexcept {
    if (tables_.place_depth[slot_] != image::deeper) return tables_.place_depth[slot_];
    std::uint32_t node = tables_.direct[slot_];
    for (unsigned depth = image::direct_bits;; depth += image::stride) {
      const unsigned chunk = chunk_of(key_, depth);
      for (unsigned below = 1; below < image::stride; ++below) {
        if ((tables_.scope_nodes[node].split >> heap_bit(chunk, below) & 1) == 0) return depth + below;
      }
      if (!is_child(tables_.nodes[node], chunk)) return depth + image::stride;
      node = child_of(tables_.nodes[node], chunk);
    }
  }

 private:
  static constexpr bool is_v4 = std::is_same_v<Key, V4Key>;
  static constexpr base::Family family = is_v4 ? base::Family::v4 : base::Family::v6;

  Found uniform(unsigned depth, std::uint16_t place) const noexcept {
    return {false, static_cast<std::uint8_t>(depth), signature_.service_class[place], place};
  }
  static Found mixed(unsigned source, std::uint16_t majority) noexcept {
    return {true, static_cast<std::uint8_t>(source), majority, 0};
  }

  std::uint16_t top_majority(unsigned source) const noexcept {
    const std::uint32_t heap = (1U << source) + (slot_ >> (image::direct_bits - source));
    if (!bit_of(tables_.top_split, heap)) return signature_.service_class[place_class()];
    return majority_at(tables_.top_rank[heap / 64] + ones_below(tables_.top_split[heap / 64], heap % 64));
  }

  std::uint16_t majority_at(std::uint32_t position) const noexcept {
    if (!bit_of(scopes_.mixed, position)) return signature_.service_class[place_class()];
    return scopes_.majority[scopes_.rank[position / 64] + ones_below(scopes_.mixed[position / 64], position % 64)];
  }

  /// The direct slot is mixed and `source` is not shorter. Mixed nodes on the way have mixed parents, so a poptrie node
  /// is passed at once if the next one's root is mixed.
  Found descend(unsigned source) const noexcept {
    std::uint32_t node = tables_.direct[slot_];
    for (unsigned depth = image::direct_bits;; depth += image::stride) {
      const unsigned chunk = chunk_of(key_, depth);
      const std::uint32_t next = child_of(tables_.nodes[node], chunk);
      const unsigned next_depth = depth + image::stride;
      if (next_depth > source || !is_child(tables_.nodes[node], chunk) || !is_mixed(next, next_depth, 0)) {
        return search(node, depth, chunk, source);
      }
      node = next;
    }
  }

  /// `node` is mixed; its child on the way is not, or lies beyond the source.
  Found search(std::uint32_t node, unsigned depth, unsigned chunk, unsigned source) const noexcept {
    unsigned below = 1;
    while (below < image::stride && depth + below <= source && is_mixed(node, depth, heap_bit(chunk, below))) ++below;
    if (depth + below <= source) {
      return uniform(depth + below, place_class_below(tables_.nodes, tables_.leaves, node, key_, depth));
    }
    return mixed(source, majority_below(node, depth, chunk, source - depth));
  }

  bool is_mixed(std::uint32_t node, unsigned depth, unsigned bit) const noexcept {
    const image::ScopeNode& scope = tables_.scope_nodes[node];
    if ((scope.split >> bit & 1) == 0) return false;
    return bit_of(scopes_.mixed, geo::position_of(scope, image::shallow_mask(family, depth), bit));
  }

  std::uint16_t majority_below(std::uint32_t node, unsigned depth, unsigned chunk, unsigned below) const noexcept {
    const std::uint64_t shallow = image::shallow_mask(family, depth);
    const unsigned bit = heap_bit(chunk, below);
    const std::uint32_t position = geo::position_of(tables_.scope_nodes[node], shallow, bit);
    if ((shallow >> bit & 1) != 0) return majority_at(position);
    const auto kept = std::lower_bound(scopes_.many.begin(), scopes_.many.end(), position);
    if (kept != scopes_.many.end() && *kept == position) return scopes_.many_majority[kept - scopes_.many.begin()];
    const unsigned count = 64U >> below;
    const std::uint16_t first =
        signature_.service_class[place_class_below(tables_.nodes, tables_.leaves, node, key_, depth)];
    return DeepVote(tables_.nodes, tables_.leaves, signature_.service_class)
        .most(node, chunk & ~(count - 1), count, first);
  }

  const FamilyTables& tables_;
  const SignatureTables& signature_;
  const ScopeTables& scopes_;
  Key key_;
  unsigned slot_;
};

template <class Key>
Located Locator::locate_in(unsigned signature, const base::IpAddress& address, unsigned source) const noexcept {
  const Lookup<Key> lookup(families_[index_of(address.family)], signatures_[signature], address);
  const auto found = lookup.find(source);
  const Located normal{found.service_class, found.scope, false};
  if (!may_be_special(address)) return normal;
  const std::uint16_t place = found.mixed ? lookup.place_class() : found.place_class;
  if (special_[place] == 0) return normal;
  const auto block = special_block_length(address);
  if (!block || *block > source) return normal;
  const unsigned scope = std::min(source, std::max(*block, lookup.place_depth()));
  return {signatures_[signature].service_class[place], static_cast<std::uint8_t>(scope), true};
}

Located Locator::locate(unsigned signature, const base::IpAddress& address, unsigned source) const noexcept {
  if (address.family == base::Family::v4) return locate_in<V4Key>(signature, address, source);
  return locate_in<V6Key>(signature, address, source);
}

std::uint16_t Locator::class_of(unsigned signature, const base::IpAddress& address) const noexcept {
  const FamilyTables& tables = families_[index_of(address.family)];
  const SignatureTables& asked = signatures_[signature];
  const std::uint16_t place = address.family == base::Family::v4 ? Lookup<V4Key>(tables, asked, address).place_class()
                                                                 : Lookup<V6Key>(tables, asked, address).place_class();
  return asked.service_class[place];
}

void Locator::prefetch(const base::IpAddress& address) const noexcept {
  __builtin_prefetch(families_[index_of(address.family)].direct + slot_of(key_of<V4Key>(address)));
}

void Locator::prefetch_node(const base::IpAddress& address) const noexcept {
  const FamilyTables& tables = families_[index_of(address.family)];
  const std::uint32_t entry = tables.direct[slot_of(key_of<V4Key>(address))];
  if ((entry & image::direct_leaf) != 0) return;
  __builtin_prefetch(tables.nodes + entry);
  __builtin_prefetch(tables.scope_nodes + entry);
}

ClassAnswers Locator::answers(unsigned signature, unsigned service_class) const {
  const auto& header = *reinterpret_cast<const image::Header*>(image_);
  const image::Signature& record = image::at<image::Signature>(image_, header.signatures)[signature];
  const auto points = image::all<std::uint8_t>(image_, record.points);
  const auto answers = image::all<std::uint8_t>(image_, record.answers);
  auto rest = answers.subspan(answers.size() / record.classes * service_class, answers.size() / record.classes);
  ClassAnswers out;
  for (const std::uint8_t count : points) {
    const auto tiers = rest.first(count);
    const bool known = tiers.front() != static_cast<std::uint8_t>(unknown_tier);
    out.tiers.emplace_back(tiers.begin(), known ? tiers.end() : tiers.begin());
    rest = rest.subspan(count);
  }
  for (const std::uint8_t inside : rest) out.inside.push_back(inside != 0);
  return out;
}

Locator::Locator(Storage storage) : storage_(std::move(storage)) {
  const auto bytes = bytes_of(storage_);
  image_ = bytes.data();
  size_ = bytes.size();
  const auto& header = *reinterpret_cast<const image::Header*>(image_);
  special_ = image::at<std::uint8_t>(image_, header.special);
  place_classes_ = header.place_classes;
  for (std::size_t f = 0; f < 2; ++f) {
    const image::Family& family = header.family[f];
    families_[f] = {
        image::at<std::uint32_t>(image_, family.direct),    image::at<image::Node>(image_, family.nodes),
        image::at<std::uint16_t>(image_, family.leaves),    image::at<image::ScopeNode>(image_, family.scope_nodes),
        image::at<std::uint64_t>(image_, family.top_split), image::at<std::uint32_t>(image_, family.top_rank),
        image::at<std::uint8_t>(image_, family.place_depth)};
  }
  for (const image::Signature& record : image::all<image::Signature>(image_, header.signatures)) {
    SignatureTables& tables = signatures_.emplace_back();
    tables.service_class = image::at<std::uint16_t>(image_, record.service_class);
    tables.classes = record.classes;
    for (std::size_t f = 0; f < 2; ++f) {
      const image::SignatureFamily& family = record.family[f];
      if (family.depth.count == 0) continue;
      tables.family[f] = {
          image::at<std::uint8_t>(image_, family.depth),  image::at<std::uint64_t>(image_, family.mixed),
          image::at<std::uint32_t>(image_, family.rank),  image::at<std::uint16_t>(image_, family.majority),
          image::all<std::uint32_t>(image_, family.many), image::at<std::uint16_t>(image_, family.many_majority)};
    }
  }
}

base::Result<std::shared_ptr<const Locator>> Locator::from(image::Buffer image) {
  if (const auto sound = image::check(image.bytes()); !sound) return sound.error();
  return std::shared_ptr<const Locator>(new Locator(std::move(image)));
}

base::Result<std::shared_ptr<const Locator>> Locator::map(const std::string& path, std::uint64_t key) {
  auto file = base::MappedFile::open(path);
  if (!file) return file.error();
  if (!image::matches(file->bytes(), key)) return base::Error{path + ": is of other inputs or of another version"};
  if (const auto sound = image::check(file->bytes()); !sound) return base::Error{path + ": " + sound.error().what};
  return std::shared_ptr<const Locator>(new Locator(std::move(*file)));
}

}  // namespace gslb::geo
