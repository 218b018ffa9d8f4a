// lfnc's mergeable values (channel_moments, activation_histogram) over the ranks of MPI.
#pragma once

#include <mpi.h>

#include <limits>
#include <span>
#include <stdexcept>
#include <type_traits>

namespace lfnc_mpi {

// On every rank, each of `values` becomes the merge of that entry of all ranks. These values are
// plain data, so that they travel as the bytes they are (between machines of one kind; serialize()
// writes moments for any), and their merge depends on neither order nor grouping, so that all ranks
// get the bits that one process would have counted. Collective: every rank calls it with equally
// many values. Throws std::length_error where there are more than MPI counts.
template <class T>
  requires std::is_trivially_copyable_v<T>
void merge_over_ranks(std::span<T> values, MPI_Comm ranks) {
  if (values.size() > std::size_t{std::numeric_limits<int>::max()}) {
    throw std::length_error("merge_over_ranks: more values than MPI can count");
  }
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Type_contiguous(sizeof(T), MPI_BYTE, &type);
  MPI_Type_commit(&type);
  MPI_Op merge = MPI_OP_NULL;
  MPI_Op_create(
      [](void* from, void* into, int* count, MPI_Datatype*) {
        for (int k = 0; k < *count; ++k) static_cast<T*>(into)[k].merge(static_cast<T*>(from)[k]);
      },
      /*commute=*/1, &merge);
  MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), type, merge, ranks);
  MPI_Op_free(&merge);
  MPI_Type_free(&type);
}

}  // namespace lfnc_mpi
