from cellseg_utils.run import places


def test_the_project_is_where_the_package_lies_beside_its_notebooks(tmp_path):
    (tmp_path / "clone" / "notebooks").mkdir(parents=True)
    package = tmp_path / "clone" / "cellseg_utils"
    assert places.project(package, tmp_path) == tmp_path / "clone"
    assert (places.ROOT / "pyproject.toml").is_file()


def test_a_package_that_was_installed_alone_works_in_the_current_folder(tmp_path):
    assert (
        places.project(tmp_path / "site-packages" / "cellseg_utils", tmp_path / "here") == tmp_path / "here"
    )


def test_an_installed_package_has_its_notebooks_inside_and_works_in_the_current_folder(tmp_path):
    package = tmp_path / "site-packages" / "cellseg_utils"
    (package / "notebooks").mkdir(parents=True)
    (tmp_path / "site-packages" / "notebooks").mkdir()  # of another package
    assert places.project(package, tmp_path / "here") == tmp_path / "here"
    assert places.notebooks(package) == package / "notebooks"
    assert places.NOTEBOOKS == places.ROOT / "notebooks"
