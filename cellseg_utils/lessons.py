"""Read what a recipe trains on."""

from cellseg_utils import crops, dataset, layout, recipes


def read(recipe, path, samples, arrays):
    """The pictures of a data set, as the recipe wants them.

    Parameters
    ----------
    recipe : str
        A key of `recipes.RECIPES`.
    path : path-like
        The training images, as `layout.open_source` takes them.
    samples : DataFrame
        One row a picture that is used: id, kind, height, width, validation.
    arrays : dict of str to ndarray
        images, masks and validation at the network's size: what a recipe without crops trains on.

    Returns
    -------
    lessons : recipes.Squares or recipes.Cuts

    Raises
    ------
    layout.DataError
        If a picture can't be read.
    """
    if not recipes.RECIPES[recipe].crops:
        return recipes.Squares(arrays["images"], arrays["masks"], arrays["validation"])
    source = layout.open_source(path)
    fields, _ = dataset.map_samples(source, crops.field, samples["id"])
    groups = [f"{row.kind} {row.height} x {row.width}" for row in samples.itertuples()]
    return recipes.Cuts(tuple(fields), tuple(groups), arrays["validation"])
