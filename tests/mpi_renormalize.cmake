# cmake -D PROGRAM=<mpi_renormalize> -D MPIEXEC=<mpiexec> -D RANKS=<mpiexec's option> -P this
# Without mpiexec, and with 1, 2 and 3 ranks, the program prints the same; also where there are fewer
# images than ranks.

# Open MPI refuses root, and more ranks than cores, unless told otherwise.
set(ENV{OMPI_ALLOW_RUN_AS_ROOT} 1)
set(ENV{OMPI_ALLOW_RUN_AS_ROOT_CONFIRM} 1)
set(ENV{OMPI_MCA_rmaps_base_oversubscribe} 1)

function(run result)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text ERROR_VARIABLE problems RESULT_VARIABLE status)
  if(status OR NOT text MATCHES "layer 2: .*channel 7: ")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status} and printed\n${text}${problems}")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

foreach(images IN ITEMS 10 2)
  run(wanted "${PROGRAM}" ${images})
  foreach(ranks IN ITEMS 1 2 3)
    run(found "${MPIEXEC}" ${RANKS} ${ranks} "${PROGRAM}" ${images})
    if(NOT found STREQUAL wanted)
      message(FATAL_ERROR "${images} images on ${ranks} ranks:\n${found}\nas one process:\n${wanted}")
    endif()
  endforeach()
endforeach()
