# cmake --install: programs, libhone, its header, what pkg-config and find_package(Hone) want, the man pages, and completion for bash.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Hone)

# Hone::hone is the shared library where there is one, Hone::hone-static the archive.
target_link_libraries(libhone_static INTERFACE stdc++ m)  # so that a project in C alone can link it
set_target_properties(libhone_static PROPERTIES EXPORT_NAME hone-static)
set(libraries libhone_static)
if(HONE_SHARED)
  set_target_properties(libhone_shared PROPERTIES EXPORT_NAME hone)
  list(APPEND libraries libhone_shared)
endif()
foreach(library IN LISTS libraries)
  target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
install(TARGETS ${libraries} EXPORT HoneTargets)
install(FILES include/hone.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT HoneTargets NAMESPACE Hone:: DESTINATION ${package_folder})
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/HoneConfig.cmake @ONLY CONTENT
"# Hone::hone, the C interface of hone.h; Hone::hone-static, the same as an archive.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(\"\${CMAKE_CURRENT_LIST_DIR}/HoneTargets.cmake\")
if(NOT TARGET Hone::hone)
  add_library(Hone::hone ALIAS Hone::hone-static)
endif()
")
write_basic_package_version_file(${CMAKE_BINARY_DIR}/HoneConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/HoneConfig.cmake ${CMAKE_BINARY_DIR}/HoneConfigVersion.cmake DESTINATION ${package_folder})

# The prefix is found from where the file lies, so an installed tree can be moved. Without a shared library its dependencies are everyone's.
file(RELATIVE_PATH to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" to_prefix ${to_prefix})
set(private $<$<BOOL:${HONE_SHARED}>:.private>)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/hone.pc CONTENT
"prefix=\${pcfiledir}/${to_prefix}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: hone
Description: run the models of a Hone store, and report their health
Version: ${PROJECT_VERSION}
Requires${private}: libsodium libzstd libcrypto
Cflags: -I\${includedir}
Libs: -L\${libdir} -lhone$<$<NOT:$<BOOL:${HONE_SHARED}>>: -lstdc++ -lm -pthread>
Libs.private: -lstdc++ -lm -pthread
")
install(FILES ${CMAKE_BINARY_DIR}/hone.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS hone-target)
if(TARGET hone)
  install(TARGETS hone)
  add_executable(target_pages tools/pages/target.cpp)  # hone-target's own, which the device does without
  set_target_properties(target_pages PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_libraries(target_pages PRIVATE target_commands hone_hash_device)
  set(pages ${CMAKE_BINARY_DIR}/hone.1 ${CMAKE_BINARY_DIR}/hone-target.1)
  set(completions ${CMAKE_BINARY_DIR}/completions/hone ${CMAKE_BINARY_DIR}/completions/hone-target)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completions)
  add_custom_command(OUTPUT ${pages} ${completions} DEPENDS hone target_pages
    COMMAND hone help --man >hone.1 COMMAND hone completion bash >completions/hone
    COMMAND target_pages man >hone-target.1 COMMAND target_pages bash >completions/hone-target
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} COMMENT "Writing the man pages and completion")
  add_custom_target(pages ALL DEPENDS ${pages} ${completions})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${completions} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()
