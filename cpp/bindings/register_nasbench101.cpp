#include <cstring>

#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;
using nasbench101::Cell;
using nasbench101::Hash;
using nasbench101::kDecisions;
using nasbench101::kMaxVertices;

constexpr std::size_t kAdjacencySize = kMaxVertices * kMaxVertices;

/// Calls `work(row)` for every row; an InvalidInput then names the row.
template <typename Work>
void for_each_row(std::size_t rows, const Work& work) {
  for (std::size_t row = 0; row < rows; ++row) {
    try {
      work(row);
    } catch (const InvalidInput& error) {
      throw InvalidInput("row " + std::to_string(row) + ": " + error.what());
    }
  }
}

std::vector<Cell> read_cells(const GraphArrays& graphs) {
  std::vector<Cell> cells(graphs.rows());
  const GraphBatch batch = graphs.batch();
  for_each_row(cells.size(), [&](std::size_t row) {
    cells[row] =
        nasbench101::read_cell(batch.adjacency.subspan(row * kAdjacencySize, kAdjacencySize),
                               batch.operations.subspan(row * kMaxVertices, kMaxVertices));
  });
  return cells;
}

py::array_t<std::int16_t> encode_cells(std::span<const Cell> cells) {
  py::array_t<std::int16_t> rows({cells.size(), kDecisions});
  const auto values = writable(rows);
  without_gil([&] {
    for (std::size_t row = 0; row < cells.size(); ++row) {
      nasbench101::encode(cells[row], values.subspan(row * kDecisions, kDecisions));
    }
  });
  return rows;
}

py::array_t<std::uint8_t> to_array(std::span<const Hash> hashes) {
  py::array_t<std::uint8_t> array({hashes.size(), std::tuple_size_v<Hash>});
  if (!hashes.empty()) std::memcpy(array.mutable_data(), hashes.data(), hashes.size_bytes());
  return array;
}

py::tuple decode(const py::object& decisions) {
  const py::array rows = require_array<std::int16_t>(decisions, {"decisions", 2, true});
  if (rows.shape(1) != static_cast<py::ssize_t>(kDecisions)) {
    throw InvalidInput("decisions have " + std::to_string(rows.shape(1)) + " columns: needed 15");
  }
  const auto count = static_cast<std::size_t>(rows.shape(0));
  py::array_t<std::uint8_t> adjacency({count, kMaxVertices, kMaxVertices});
  py::array_t<std::int64_t> operations({count, kMaxVertices});
  const auto choices = view<std::int16_t>(rows);
  const auto edges = writable(adjacency);
  const auto ids = writable(operations);
  without_gil([&] {
    for_each_row(count, [&](std::size_t row) {
      nasbench101::write_cell(nasbench101::decode(choices.subspan(row * kDecisions, kDecisions)),
                              edges.subspan(row * kAdjacencySize, kAdjacencySize),
                              ids.subspan(row * kMaxVertices, kMaxVertices));
    });
  });
  return py::make_tuple(adjacency, operations);
}

py::array_t<std::int16_t> encode(const py::object& adjacency, const py::object& operations) {
  const GraphArrays graphs(adjacency, operations, kMaxVertices, "");
  return encode_cells(without_gil([&] { return read_cells(graphs); }));
}

py::array_t<std::uint8_t> hash(const py::object& adjacency, const py::object& operations,
                               py::ssize_t threads) {
  const GraphArrays graphs(adjacency, operations, kMaxVertices, "");
  const std::size_t workers = require_count("threads", threads);
  return to_array(without_gil(
      [&] { return nasbench101::hash_cells(read_cells(graphs), workers, signal_poll()); }));
}

py::tuple enumerate(py::ssize_t threads) {
  const std::size_t workers = require_count("threads", threads);
  const auto all = without_gil([&] { return nasbench101::enumerate(workers, signal_poll()); });
  return py::make_tuple(encode_cells(all.cells), to_array(all.hashes));
}

py::tuple costs(const py::object& adjacency, const py::object& operations) {
  const GraphArrays graphs(adjacency, operations, kMaxVertices, "");
  py::array_t<double> madds(static_cast<py::ssize_t>(graphs.rows()));
  py::array_t<double> parameters(static_cast<py::ssize_t>(graphs.rows()));
  const auto multiply_adds = writable(madds);
  const auto counts = writable(parameters);
  without_gil([&] {
    const std::vector<Cell> cells = read_cells(graphs);
    for (std::size_t row = 0; row < cells.size(); ++row) {
      const nasbench101::Costs cost = nasbench101::network_costs(cells[row]);
      multiply_adds[row] = cost.madds;
      counts[row] = cost.parameters;
    }
  });
  return py::make_tuple(madds, parameters);
}

}  // namespace

void register_nasbench101(py::module_& module) {
  module.def("nasbench101_decode", &decode, py::arg("decisions"),
             "Rows int16 [N, 15] as cells: adjacency uint8 [N, 7, 7], operations int64 [N, 7].");
  module.def("nasbench101_encode", &encode, py::arg("adjacency"), py::arg("operations"),
             "Cells as rows int16 [N, 15].");
  module.def("nasbench101_hash", &hash, py::arg("adjacency"), py::arg("operations"),
             py::arg("threads") = 0, "The published hashes of cells, uint8 [N, 16].");
  module.def("nasbench101_enumerate", &enumerate, py::arg("threads") = 0,
             "All 423,624 cells by ascending hash: rows int16 [N, 15], hashes uint8 [N, 16].");
  module.def("nasbench101_costs", &costs, py::arg("adjacency"), py::arg("operations"),
             "Multiply-adds and parameters of the networks, float64 [N] each.");
}

}  // namespace ctnas::bindings
