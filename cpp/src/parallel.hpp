#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "ctnas/poll.hpp"

namespace ctnas {

/// `threads` if it is not 0, else one for every core that this process may use; at most 256.
[[nodiscard]] std::size_t resolve_threads(std::size_t threads) noexcept;

/// Calls `work(item)` once for every item in [0, items), on up to `threads` threads, of which the
/// calling one is the first.  Returns when all calls have returned.
///
/// If calls throw, the exception of the lowest item is rethrown and items not yet begun are left
/// out.  So that a result does not depend on the number of threads, what an item does must not
/// depend on another item.
void parallel_for(std::size_t items, std::size_t threads, const Poll& poll,
                  const std::function<void(std::size_t)>& work);

/// As parallel_for, but the calling thread only polls, whatever an item takes: every work of an
/// item is done by one of up to `threads` others.  When a poll throws, items that run are waited
/// for.
void watched_for(std::size_t items, std::size_t threads, const Poll& poll,
                 const std::function<void(std::size_t)>& work);

/// Calls `work(first, last)` on consecutive blocks of [0, count), `block` long but for the last.
template <typename Work>
void parallel_blocks(std::size_t count, std::size_t block, std::size_t threads, const Poll& poll,
                     const Work& work) {
  const std::size_t blocks = count / block + (count % block != 0 ? 1 : 0);
  parallel_for(blocks, threads, poll, [&](std::size_t index) {
    const std::size_t first = index * block;
    work(first, std::min(first + block, count));
  });
}

}  // namespace ctnas
