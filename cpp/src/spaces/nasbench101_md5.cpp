#include "spaces/nasbench101_md5.hpp"

#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace ctnas::nasbench101 {
namespace {

static_assert(std::endian::native == std::endian::little, "MD5 words are read as they lie");

// Independent messages are hashed side by side: the steps of one wait for each other.
#if defined(__GNUC__) && !defined(CTNAS_PORTABLE_VECTORS)
constexpr std::size_t kLanes = 8;
using Vector = std::uint32_t __attribute__((vector_size(4 * kLanes)));
#else
constexpr std::size_t kLanes = 1;
using Vector = std::uint32_t;
#endif

struct Lanes {
  Vector words;
};

struct State {
  Lanes a, b, c, d;
};

constexpr std::array<std::uint32_t, 4> kInitial{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

// floor(2^32 * abs(sin(i + 1)))
constexpr std::array<std::uint32_t, 64> kSines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr std::array<std::array<int, 4>, 4> kShifts{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

template <std::size_t Step>
void step(State& state, const std::array<Lanes, 16>& block) {
  constexpr std::size_t kRound = Step / 16;
  constexpr std::array<std::size_t, 4> kWords{Step % 16, (5 * Step + 1) % 16, (3 * Step + 5) % 16,
                                              7 * Step % 16};
  constexpr int kShift = kShifts[kRound][Step % 4];
  const Vector b = state.b.words;
  const Vector c = state.c.words;
  const Vector d = state.d.words;
  Vector mixed;
  if constexpr (kRound == 0) {
    mixed = d ^ (b & (c ^ d));
  } else if constexpr (kRound == 1) {
    mixed = c ^ (d & (b ^ c));
  } else if constexpr (kRound == 2) {
    mixed = b ^ c ^ d;
  } else {
    mixed = c ^ (b | ~d);
  }
  const Vector sum = state.a.words + mixed + block[kWords[kRound]].words + kSines[Step];
  const Vector rotated = (sum << kShift) | (sum >> (32 - kShift));
  state = {{d}, {b + rotated}, {b}, {c}};
}

template <std::size_t... Steps>
void all_steps(State& state, const std::array<Lanes, 16>& block, std::index_sequence<Steps...>) {
  (step<Steps>(state, block), ...);
}

void add_block(State& state, const std::array<Lanes, 16>& block) {
  const State before = state;
  all_steps(state, block, std::make_index_sequence<64>{});
  state.a.words += before.a.words;
  state.b.words += before.b.words;
  state.c.words += before.c.words;
  state.d.words += before.d.words;
}

/// Digests of messages of equally many blocks; lanes without a message repeat the first.
void md5_lanes(std::span<const Md5Message* const> messages, std::span<Digest* const> digests) {
  using Words = std::array<std::array<std::uint32_t, kLanes>, 16>;
  const auto everywhere = [](std::uint32_t value) { return Lanes{Vector{} + value}; };
  State state{everywhere(kInitial[0]), everywhere(kInitial[1]), everywhere(kInitial[2]),
              everywhere(kInitial[3])};
  for (std::size_t index = 0; index < messages[0]->blocks(); ++index) {
    Words words;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      std::array<std::uint32_t, 16> message;
      const std::size_t source = lane < messages.size() ? lane : 0;
      std::memcpy(message.data(), messages[source]->block(index), Md5Message::kBlockSize);
      for (std::size_t word = 0; word < 16; ++word) words[word][lane] = message[word];
    }
    std::array<Lanes, 16> block;
    static_assert(sizeof block == sizeof words);
    std::memcpy(block.data(), words.data(), sizeof block);
    add_block(state, block);
  }
  std::array<std::array<std::uint32_t, kLanes>, 4> words;
  std::memcpy(words.data(), &state, sizeof words);
  for (std::size_t lane = 0; lane < messages.size(); ++lane) {
    const std::array<std::uint32_t, 4> digest{words[0][lane], words[1][lane], words[2][lane],
                                              words[3][lane]};
    std::memcpy(digests[lane]->data(), digest.data(), sizeof digest);
  }
}

}  // namespace

void Md5Message::finish() {
  constexpr std::size_t kLengthSize = 8;
  const std::uint64_t bits = 8 * size_;
  blocks_ = (size_ + 1 + kLengthSize + kBlockSize - 1) / kBlockSize;
  const std::size_t end = blocks_ * kBlockSize - kLengthSize;
  std::memset(bytes_.data() + size_, 0, end - size_);
  bytes_[size_] = 0x80;
  std::memcpy(bytes_.data() + end, &bits, kLengthSize);
}

void md5(std::span<const Md5Message> messages, std::span<Digest> digests) {
  for (std::size_t blocks = 1; blocks <= Md5Message::kMaxBlocks; ++blocks) {
    std::array<const Md5Message*, kLanes> waiting;
    std::array<Digest*, kLanes> places;
    std::size_t count = 0;
    for (std::size_t index = 0; index < messages.size(); ++index) {
      if (messages[index].blocks() != blocks) continue;
      waiting[count] = &messages[index];
      places[count++] = &digests[index];
      if (count == kLanes) {
        md5_lanes(waiting, places);
        count = 0;
      }
    }
    if (count != 0) md5_lanes({waiting.data(), count}, {places.data(), count});
  }
}

}  // namespace ctnas::nasbench101
