# What `cmake --install` copies, and the Debian package that `cpack` makes of it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/gradient_check)

install(TARGETS gradient-check gradient_check gradient_check_report gradient_check_layers gradient_check_matchers EXPORT gradient_check
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# Where gradient-check looks for it (src/app/pool/worker_process.cpp).
# A LibTorch outside the system's folders is found where it was at the build.
set_target_properties(gradient-check-worker PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS gradient-check-worker RUNTIME DESTINATION libexec/gradient-check)
install(DIRECTORY src/gradient_check DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
install(EXPORT gradient_check NAMESPACE gradient_check:: FILE gradient_check-targets.cmake
        DESTINATION ${package_folder})
configure_package_config_file(cmake/gradient_check-config.cmake.in gradient_check-config.cmake
                              INSTALL_DESTINATION ${package_folder})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(gradient_check-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gradient_check-config.cmake
              ${PROJECT_BINARY_DIR}/gradient_check-config-version.cmake
              cmake/gradient_check-dependencies.cmake cmake/gradient_check_discover_tests.cmake
        DESTINATION ${package_folder})
install(FILES cmake/gradient-check.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES cmake/completions/gradient-check.bash RENAME gradient-check
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES cmake/completions/_gradient-check
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES cmake/completions/gradient-check.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES src/app/recorder/gradient_check.py DESTINATION ${CMAKE_INSTALL_DATADIR}/gradient-check)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# One package per suite: it is linked against that suite's LibTorch.
file(STRINGS /etc/os-release codename REGEX "^VERSION_CODENAME=")
string(REPLACE "VERSION_CODENAME=" "" codename "${codename}")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gradient-check)
set(CPACK_PACKAGE_CONTACT "The gradient-check authors <gradient-check@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~${codename}")
set(CPACK_DEBIAN_PACKAGE_SECTION math)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS libopenblas0-pthread)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
    "libtorch-dev, nlohmann-json3-dev, libfmt-dev, libzip-dev, libgtest-dev, libgmock-dev")
set(CPACK_STRIP_FILES ON)
include(CPack)
