/* Read JSON Lines of plain mentions straight into arrays, without an object for each mention.

   Plain is a line {"doc_id": "...", "mentions": [{"id": "...", "start": 0, "end": 4, "label": "..."}, ...]} with keys
   in any order, each once, no others, strings of printable ASCII without escapes, and whole numbers of at most ten
   digits; up to MAX_NAMES labels. Where entities are asked for, every line also has "entities": [{"id": "...",
   "label": "..."}, ...], mentions may have "entity": "...", ids are unique, every entity that a mention names is in the
   list, and a document has up to MAX_NAMES mentions and as many entities. Of anything else scan() says that it is not
   plain, and msgspec reads it, so no fault is judged here: what is plain is a subset of what msgspec takes for an
   Annotation, with the same values (tests/test_columns.py).

   Every loop ends at a byte that it does not expect, and a bytes object ends with a NUL byte, which none expects. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum { MAX_NAMES = 2000, SLOTS = 4096, MAX_DIGITS = 10 };

typedef struct {
    const char *at;
    Py_ssize_t size;
} String;

/* Strings numbered in the order in which they are met: a hash table with open addressing. A slot is in use if it has
   the table's own stamp; with another stamp the table is empty. */
typedef struct {
    String in_order[MAX_NAMES];
    int64_t numbers[SLOTS], count;
    uint64_t stamps[SLOTS], stamp;
} Names;

typedef struct {
    const char *stop;
    Names labels, ids, entities; /* ids and entities are those of one document */
    int64_t cluster_of[MAX_NAMES], clusters;
    char listed[MAX_NAMES];
    int64_t *start, *end, *label, *cluster; /* without cluster, entities are not asked for */
    Py_ssize_t count, room;
} Reader;

static const char *space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

static void clear(Names *names)
{
    names->stamp++;
    names->count = 0;
}

/* The number of a string, -1 if there are too many. */
static int64_t number_of(Names *names, String name)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (Py_ssize_t i = 0; i < name.size; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * 1099511628211u;
    size_t slot = (size_t)((hash ^ (hash >> 32)) % SLOTS);
    for (; names->stamps[slot] == names->stamp; slot = (slot + 1) % SLOTS) {
        String known = names->in_order[names->numbers[slot]];
        if (known.size == name.size && !memcmp(known.at, name.at, (size_t)name.size))
            return names->numbers[slot];
    }
    if (names->count == MAX_NAMES)
        return -1;
    names->stamps[slot] = names->stamp;
    names->in_order[names->count] = name;
    return names->numbers[slot] = names->count++;
}

/* The number of an entity of this document, in no cluster and not listed when it is new; -1 if there are too many. */
static int64_t entity_of(Reader *r, String id)
{
    int64_t known = r->entities.count, number = number_of(&r->entities, id);
    if (number == known) {
        r->cluster_of[number] = -1;
        r->listed[number] = 0;
    }
    return number;
}

/* These read one thing at p and return what is behind it, NULL where it is not plain. */

static const char *string(const char *p, String *found)
{
    if (*p++ != '"')
        return NULL;
    found->at = p;
    while (*p >= ' ' && *p <= '~' && *p != '"' && *p != '\\')
        p++;
    found->size = p - found->at;
    return *p == '"' ? p + 1 : NULL;
}

static const char *number(const char *p, int64_t *found)
{
    const char *from = p;
    int64_t value = 0;
    while (*p >= '0' && *p <= '9' && p - from < MAX_DIGITS)
        value = 10 * value + (*p++ - '0');
    *found = value;
    return p == from || (*from == '0' && p - from > 1) ? NULL : p;
}

/* What is behind a key and its colon; NULL where another one stands. */
static inline const char *key(const char *p, const char *stop, const char *quoted, size_t size)
{
    if ((size_t)(stop - p) < size || memcmp(p, quoted, size) != 0)
        return NULL;
    p = space(p + size);
    return *p == ':' ? space(p + 1) : NULL;
}

#define KEY(name) "\"" name "\"", sizeof(name) + 1

/* Reads one field of an object, key and value, into what belongs to it, and says which bit stands for it. */
typedef const char *Field(const char *p, Reader *r, void *into, int *bit);

static inline const char *object(const char *p, Reader *r, Field *field, void *into, int needed)
{
    int seen = 0;
    if (*p != '{')
        return NULL;
    do {
        int bit = 0;
        p = field(space(p + 1), r, into, &bit);
        if (p == NULL || (seen & bit))
            return NULL;
        seen |= bit;
        p = space(p);
    } while (*p == ',');
    return *p == '}' && (seen & needed) == needed ? p + 1 : NULL;
}

typedef const char *Item(const char *p, Reader *r);

static inline const char *list(const char *p, Reader *r, Item *item)
{
    if (*p != '[')
        return NULL;
    p = space(p + 1);
    if (*p == ']')
        return p + 1;
    for (;; p = space(p + 1)) {
        if ((p = item(p, r)) == NULL)
            return NULL;
        p = space(p);
        if (*p != ',')
            return *p == ']' ? p + 1 : NULL;
    }
}

typedef struct {
    int64_t start, end;
    String id, label, entity;
} Mention;

static inline const char *mention_field(const char *p, Reader *r, void *into, int *bit)
{
    Mention *m = into;
    const char *value;
    if ((value = key(p, r->stop, KEY("id"))) != NULL)
        return *bit = 1, string(value, &m->id);
    if ((value = key(p, r->stop, KEY("start"))) != NULL)
        return *bit = 2, number(value, &m->start);
    if ((value = key(p, r->stop, KEY("end"))) != NULL)
        return *bit = 4, number(value, &m->end);
    if ((value = key(p, r->stop, KEY("label"))) != NULL)
        return *bit = 8, string(value, &m->label);
    if (r->cluster != NULL && (value = key(p, r->stop, KEY("entity"))) != NULL)
        return *bit = 16, string(value, &m->entity);
    return NULL;
}

static inline const char *mention(const char *p, Reader *r)
{
    Mention m = {0};
    p = object(p, r, mention_field, &m, 1 | 2 | 4 | 8);
    if (p == NULL || r->count == r->room)
        return NULL;
    int64_t label = number_of(&r->labels, m.label);
    if (label < 0)
        return NULL;
    if (r->cluster != NULL) {
        int64_t known = r->ids.count, own = -1, *cluster = &own;
        if (number_of(&r->ids, m.id) != known)
            return NULL;
        if (m.entity.at != NULL) {
            int64_t entity = entity_of(r, m.entity);
            if (entity < 0)
                return NULL;
            cluster = &r->cluster_of[entity];
        }
        if (*cluster < 0)
            *cluster = r->clusters++; /* in order of mentions, wherever entities are listed */
        r->cluster[r->count] = *cluster;
    }
    r->start[r->count] = m.start;
    r->end[r->count] = m.end;
    r->label[r->count++] = label;
    return p;
}

static const char *entity_field(const char *p, Reader *r, void *into, int *bit)
{
    String *id = into, label;
    const char *value;
    if ((value = key(p, r->stop, KEY("id"))) != NULL)
        return *bit = 1, string(value, id);
    if ((value = key(p, r->stop, KEY("label"))) != NULL)
        return *bit = 2, string(value, &label);
    return NULL;
}

static const char *entity(const char *p, Reader *r)
{
    String id = {NULL, 0};
    if ((p = object(p, r, entity_field, &id, 1 | 2)) == NULL)
        return NULL;
    int64_t its = entity_of(r, id);
    if (its < 0 || r->listed[its])
        return NULL;
    r->listed[its] = 1;
    return p;
}

static const char *document_field(const char *p, Reader *r, void *into, int *bit)
{
    const char *value;
    if ((value = key(p, r->stop, KEY("doc_id"))) != NULL)
        return *bit = 1, string(value, into);
    if ((value = key(p, r->stop, KEY("mentions"))) != NULL)
        return *bit = 2, list(value, r, mention);
    if (r->cluster != NULL && (value = key(p, r->stop, KEY("entities"))) != NULL)
        return *bit = 4, list(value, r, entity);
    return NULL;
}

static const char *document(const char *p, Reader *r, String *doc_id)
{
    clear(&r->ids);
    clear(&r->entities);
    if ((p = object(p, r, document_field, doc_id, r->cluster != NULL ? 1 | 2 | 4 : 1 | 2)) == NULL)
        return NULL;
    for (int64_t i = 0; i < r->entities.count; i++)
        if (!r->listed[i])
            return NULL;
    return space(p);
}

static int append(PyObject *list, String text)
{
    PyObject *item = PyUnicode_FromStringAndSize(text.at, text.size);
    int failed = item == NULL || PyList_Append(list, item) < 0;
    Py_XDECREF(item);
    return failed;
}

/* The ids of all documents and the labels, with everything else in the arrays; None where a line is not plain. */
static PyObject *scan_lines(const char *p, Reader *r, Py_buffer *sizes)
{
    PyObject *doc_ids = PyList_New(0), *names = PyList_New(0), *found = NULL;
    Py_ssize_t documents = 0, room = sizes->len / (Py_ssize_t)sizeof(int64_t);
    if (doc_ids == NULL || names == NULL)
        goto done;
    while ((p = space(p)) < r->stop) {
        String doc_id = {NULL, 0};
        Py_ssize_t before = r->count;
        if (*p == '\n') {
            p++;
            continue;
        }
        p = document(p, r, &doc_id);
        if (p == NULL || documents == room || !(*p == '\n' || p == r->stop)) {
            found = Py_NewRef(Py_None);
            goto done;
        }
        if (append(doc_ids, doc_id))
            goto done;
        ((int64_t *)sizes->buf)[documents++] = r->count - before;
    }
    for (int64_t i = 0; i < r->labels.count; i++)
        if (append(names, r->labels.in_order[i]))
            goto done;
    found = PyTuple_Pack(2, doc_ids, names);
done:
    Py_XDECREF(doc_ids);
    Py_XDECREF(names);
    return found;
}

static PyObject *scan(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *data, *found = NULL;
    Py_buffer sizes, start, end, label, cluster;
    char *text;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "Sw*w*w*w*w*", &data, &sizes, &start, &end, &label, &cluster))
        return NULL;
    Reader *r = PyMem_Calloc(1, sizeof(Reader));
    if (r == NULL)
        PyErr_NoMemory();
    else if (start.len != end.len || start.len != label.len || (cluster.len != 0 && start.len != cluster.len))
        PyErr_SetString(PyExc_ValueError, "columns must be of one length");
    else if (PyBytes_AsStringAndSize(data, &text, &size) == 0) {
        r->stop = text + size;
        r->labels.stamp = 1;
        r->start = start.buf, r->end = end.buf, r->label = label.buf;
        r->cluster = cluster.len != 0 ? cluster.buf : NULL;
        r->room = start.len / (Py_ssize_t)sizeof(int64_t);
        found = scan_lines(text, r, &sizes);
    }
    PyMem_Free(r);
    PyBuffer_Release(&sizes);
    PyBuffer_Release(&start);
    PyBuffer_Release(&end);
    PyBuffer_Release(&label);
    PyBuffer_Release(&cluster);
    return found;
}

static PyMethodDef methods[] = {
    {"scan", scan, METH_VARARGS,
     "scan(data, sizes, start, end, label, cluster, /)\n--\n\n"
     "Read lines of plain mentions into writable arrays of 64-bit integers (their type is not checked).\n\n"
     "Entities are asked for by an array cluster that is not empty; it gets a number for each entity of each document,\n"
     "and for each mention without one. Returns the ids of the documents and the labels in the order in which they are\n"
     "met; None where a line is not plain, there are more names than can be counted or an array is too short, with the\n"
     "arrays in any state."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_scan", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__scan(void)
{
    return PyModuleDef_Init(&definition);
}
