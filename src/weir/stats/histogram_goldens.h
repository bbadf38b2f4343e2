// Written by histogram_goldens.java; not to be edited.
#pragma once
#include <cstdint>

namespace weir {

struct HistogramGolden {
  const char* name;
  int64_t total;
  double mean;
  int64_t percentiles[5];  // 50, 95, 99, 99.9, 100
  const char* base64;
};

inline constexpr HistogramGolden kHistogramGoldens[] = {
    {"empty",
     0LL,
     0.0000000000000000,
     {0, 0, 0, 0, 0},
     "HISTFAAAACB4nJNpmSzMwMDAyAABzFAaxBeRvZ7AYP8BKgIATXoD4w=="},
    {"one",
     1LL,
     1234432.0000000000,
     {1234943, 1234943, 1234943, 1234943, 1234943},
     "HISTFAAAACV4nJNpmSzMwMDAwgABzFCaEYhFZK8nMNh/gAi83MTIBABfUAWE"},
    {"squares",
     10000LL,
     33328486.579100000,
     {25001983, 90243071, 98041855, 99811327, 100007935},
     "HISTFAAAAwp4nK2WT0sWYRTFZ+77Om8iIvImEiYiEhISERISIhISEhJSEhIRFREREREREREtClq0aOGi"
     "RYsWLVq06OP0NfoIXcfRef7cc5/7jM6Ze8/5nTsouPLsp71hUczfKg6eXuMlz+nZvw+K9X8HBVGPBjRG"
     "EzSkaZqhOVqgRVqii7RMK7RK67RBm7RF27RDu3SX7tMjekLP6AW9ojf0jj7Qx5I+l/SlpK8l7ZX0raTv"
     "Jf0o6WdJv0r6XdKfkr++Q/dYD1mPWU9Zz1kvWa9Zb1nvaY1/2zpdZW2wrrE2WddZW6wbrG3WTdYO6zZr"
     "l79dqnWh0cVGlxotN7rcaKXRlUarjdZYs7Xm6mk1X0+rhXpanaun1WI9rc7X02qJZ4r/2u3EmvYm1hlv"
     "Ys14E2vWm0ONe5pwPJ4Jx2VNOh7PpOOyho7HM3Rc1lS9R1mDesdu05jo7cbj79htGhe93Xj8HXuoEVUD"
     "QAPV2y2xbdwdsuZuiilXo4BGVW+3xLZx9/70GhVHSWapOSmNJJsRMcfJ5umNWab8QaQx3naXk58llhpN"
     "xbHUy7yFnc69ZNZb3OS5RLZLuO2cTjnNyUxeY0k2xtt66e5aI7X8zzW/vnkJ1wLL1Ym+pg7ehKhUqucA"
     "aLosY5vIuOpuZlaD9Yiiqc9GSwFLWBuO5k+66piP9gPEW1xGTWGlQu7FWk2GAIsiA9MmAKzMW45OYeLj"
     "LhMptaGNQC3VQ2Lyzxg7ROOhNXju77/9Q4sXbgT3Y0QdXwBKckxtAJrGACCoVbhsDAq4cZVhAKGbgloZ"
     "Isw+BJRAoRAaudP61C3nm25PP+cRviYFSYpxIlAoFgMpRXolAiycwRjH1qQiBIFzXguZvMsSsm6QTVFA"
     "UBlOqnKPGtpjGAALhqqqqvpVdbiFJQcwyLxke8MYg7xCk4IXBTRIQxhcizJYIYQ9oMSL2WgA4cjgB7XS"
     "OLElCAzgkWtBTDj7EGHEqEtdbM+pxFMBqGT3zNloVRJUUmytkrgKr6JHKzQpwMITxjC4FmUBYISvBK71"
     "/wM+UKCM"},
    {"scattered",
     20000LL,
     508653676.20655000,
     {15983, 1731198975, 15216934911, 32229031935, 34091302911},
     "HISTFAAAGE14nE1bu5JkSVKN8fCIe2/eupWVlVVdXVPTMzY9jx3GQMFWAGmxldYQR1oRcUU+AhFDAAUR"
     "eWVEJCS+YDFD4hP4BMLPOR5Z3TPVmfcRD38cP+4e9dU//Mu1lN/8b+Gfqn+/GP8/ffrvvyu/+T9e+J/H"
     "fz39u/9T+5P9yf7T/s3++MUfv/jHL/55/PyPL/5r/P3ld3/1y+9/+7d/87tf/vDbP/z+73/5+PVP3//4"
     "/c8/3v38868/f/7w05///OPnzz99/vWPnz/85ffff/758fHjw8ePX37sH79+/PLh/v7h8asPjx8/PH55"
     "/+VX6/3Tw9dfP31/+vjx8emrp4e7p68fvrp7evr4+NgfHx4f7798eLrvd+tdvzut97Y+PPmpP679rj88"
     "ruupe7+77727P51Op7vT/cn7erc+PvR19Tu7G19PHx7v1tVOT+vp4f7O79aTW3+49/u7flof/X7tD2vv"
     "p/v79XTf/e7uVHwM9KGv9+Vpve/juvd762sdQ61uxX1c8DHIesJQsYQ+xu91fLLV3Xu38cn9FFfXbqWP"
     "n17i6vjpp2Je7mOBp7vxyqnf+Wrx0hjFY4YYsvt4xS3GHx+sn8a2xwjjQsxg1rGGPpYy5hgX48aYfS3x"
     "pVcfo/diVtaYdwwxJrcx6XivrGPMcWv8PxYy/h1iHbONi2M0P1mMMwb3mG4sx8dDvcSUhp811jA2Zxje"
     "eo0bY1zDspxrHLdWPGYxSRn/DA2Mi/PPeIr3vWL4eC1GHMIaM4wpVw4R04/XY/V4OkQXS4ir/RRfctSY"
     "JJ4b19e1jqFCT7HQGhLFOiqmLJBwwRtDp24NexwP3lkzb7FozBbSj8WMNygoLAK75s4glM6LIZYOCXmn"
     "RHA7RsJNvumxhqGSmNG0N6wk/pTOgTveK2P7Fc/0WCZeX/Et1rUWbLUNI6RgWux47L26Jh8PU8JL2FaY"
     "BZZc+x321Linqm2OwZex+wKBxnTjQvOqxY9xx83u2xjaqdFxf7e1Qlhxs+HRMRulh6cWDAwVeQymsdoQ"
     "ue3xXDmNaw1PjNs1pYuxUrXQzUazGDqCjCHJscCQzPhnTFTH8jFxpfVR2/FuizvYSfzgIioHL5BU7Fx6"
     "Hg405o67495ufsFGGy2ycDHalURl2FZsP1ZCRU8JVe0ZD1bo2kPeMEfjbTy2jLt9iMV3PM3Z06bNxu7H"
     "Ixil4eICKXmh0DDLWNXurlVt8d42JLE5991ysxS34y/0LSHvGCgEuLbcnRZO5UDe8fkY81Tj1LXncmXg"
     "GMeh4jHWFi+GUbucZuwKYzcJqMF0h3rDxRwG10IdlXfGANUu0l/Bbakw/uWejBssFIZLBXBg2kIfEAid"
     "jT+XcPDQM3buHGSZxmDnkGEgRizNz3DunIPSww6GEe7y54oNdK4YlnIYfUdr1M4TA2gmNnZcoVTtiE+6"
     "1MFFyhkKAIwyDHEesa3KUWGXvWj0iu8bQaxQ4S02reu+UWYmW+I3SHfc0jZNa8Ea6DYwhWd7DvA6QXtj"
     "BVufvl0YTbxpIvpZWAcQNqZpFKEBdSo8rsmTAtRXuQ020vi0vje5iHE6D6eXDfC/xVt+TG+zsMJGZ9BI"
     "FVbVgQql32wbSsiRLAMFJsrBaF4YzT9ZkRsX2nIbcn2PKkAfWpsmcamnGFAMinBuBWoi+BCdCKExDgyv"
     "wSnH9nY/nJ6GbckTepXKGUc2yK5iE9URaohM8bzwWTq3BAKosjpCt8EVJDW8sWEpZ9Omx49Dby92HgGm"
     "UtONUDZn2SXd0AyWPfxtSHnh3Y4tbwFqHfDUm1MtZnNt8bgTKXbnLDSbBYtmxCTMVpGMXahMWJE93LC+"
     "meJ/4gd9ZkjpBMsViNDKtK3S08piS30ZEo/FrFfzFGFsasdMEBYdpkzlh3CDUET8bkCaejO5ELCoAOyt"
     "dfINkqDAIZlxmn8VFneXfcqXxzYO0+gt/aTItkL8udtBKRrDOr5KI8Qhk5PEHmkZ7jN00KyKIl/nzyaZ"
     "0wilwAYrhyz4mtHrN1IhbaSbTDW2ttKL/d3i8fg2rWFsjyEGGx8z94EyMdQW0m0RbkJ0zgCLQEbkWhTh"
     "hMPFJstwQHTOhdDU/DbJQESnd2h/AVIKdYAsi0hIOe5jGfJ8qgUISZNdYH/0d/dpHAv1nubVRIxMpus3"
     "Ay5Sfz5cI9Y4yN/mgrWMRhMEqXuSA73XhWWxDoSpVbghx4hZtmnvob4gW7KU91xgJxFbYHpBn0MbvDl4"
     "o2wh/7Rwd0KXHNWqOJvZBDCXwcLtcw+WkogvF8k9sYjTBXM3SnnJoFY7leBkBGN7hymM2kaFh2UttkpO"
     "Eehg7UtiI6l9SewKNN6BrqXvk1dADq7lBVAAzgkBJX1JbJjqFMYGIAxPb8wcwBuHbfG1DqiGLVDKFPki"
     "lLVA3Zi84qHDnTBlKSyoRcyK6u0zAyliDfKxsRcaI6D7YLRNnsaQ6Ry7DSULsChDMJ3YwBnZXxoGTWmg"
     "QqfpC6/I5Cg16E7G7lXWtpkstyBLOSIB6gRxZzwK4CLILlhaWLA22MhBwzJKApovIVkBI0n6O1+j+miS"
     "u2iV8s0wxmeiYxeDCtsLqFhSLQWWABvGh840mlwygjBz2p14W4eUD6QnDRAT9iGQ9gSkkmTBepMoV8UH"
     "eVOPSTt5lHCsiYNrlBaa2LxSukRa5DZKCSJQuSdI0N+UTIh2dmfWwCDS6WWmbChVbFvPwM6IGXUCROsx"
     "PqZjOkLOITilL4UQEaRAQiOPIwZDlZX5iGCFMsJd+gEcD36E9YRGiBvhPdUn9JVEQITNIL6e5r6IDZgi"
     "wM0MxXKmGhweT9sNb+qGhCcivL8Yo4UrzYo3Vgm90pNHrtE3JSwQ/06lVcYFE/eMCBOy3hUID1OGJyzN"
     "+J3e6hkLbn87MSP9AMWDCIaU7fRlKPRAVgPTA/0tSladaaL4Jg0y8NQnSYJxJ2di7sL4R5vvRO429nwY"
     "vRugUL2JiSWf8lSCgdslRqpuAE5QyW0ZuzIx6Jp7Cy+8OctYxUpVNts0hbJ4Y+ACI52enzmJaF7YR5dD"
     "0R1ckR07oCF1V/rnypRa6hIT710ZxiIym0nzYtyKKiHe+pHirH5bKvE5sAK6OVwMgpISm6qIicjMPcka"
     "nO4wZIK01b54CItiJG5vSihMpJew01Z5LuBJDAv0xWb2VFk2wdfNhB5MEJWz18xRmDxqIBaC0lSRxmXt"
     "YxCDTqfcZn7BiLZNUCJ7ehdOMMgmggItcYk7J8CGsHJlHbYB9BHQQmZCRsaNamngCPlkoMmfSZyduTnj"
     "LoPlFulmZ7x1MAkqMEkWpQe77/DjxQPhTIWequB2VXlLwZ0JIjM1IzWhvFzoBPdcfOYrjNPgCp17C3az"
     "dDk/3K4ZlQWPaSqkarEgKJku1Z7FF0q2svBC6n9OfiG3zWwKYEvbbTJqzR2r2WZwTMihY2EhDWzBieWV"
     "MVKfF4JK73LrgnSpjLic5h7Z+gKoUbpnSdhQAE3MBxsyJUriy9am0zM5YvotMNvl7zTyojpZ+OHmemez"
     "dyFamYRyCJE8lT01ZtamovxVEzkUF3Blk7kBODUD4sKSWi8zRluyooZaSwnri1QZwFjFKY1kvtf0nCgD"
     "+07uFGmfZZWrwU5ZbyikLilzWzUTsdGUNc7/gPLMOOWKhUWOMhFs1o45aF1LMhUkQCioZTEmQaxEH+QC"
     "uW9YrHeg3pEFGZfLFWeCzlRYyLoQMTK7a9PPe9JJMBBuJcNWQ81mYc5AfyXSlszeYtWrGLWwC9aqEmRQ"
     "qMMypDQZPCmUQ+9krcm48+rM8otndctY0TRlcNruDpcAl8Pn2GNPXsJ9nWVZzeYsiXCAbYSGMg0LhIo2"
     "Tlo0YyjKe7Hj9RbiC0s2+W282xOkzGcWgQF2BKXZSKIkGsB50UCWXos3evpOVlkYqs1Z/0bVWrganY9e"
     "FaU8Cri4XdBw0BI2y6pvQXUFZUGvM5ZI2kuKBu/r8cySZhUAQO0ERmChDBaIcowPb4gK/GsZDkukBZ3g"
     "LfdV+BcxoqWsWtYuRryQoiRboBbB/dl8Yq+LIdOTorNoRl4UNW2UDV22hOaBzQrjvtItCVR96xO3TPRK"
     "xX8mqMZCdfqn7w5aTUiDKBgUmO7SMJ1AMriuqnONAIzgR4Fs8icOwpaoWAXLQEA1JoG7sTFis3ZyJUMh"
     "jiCQOG3Ys680RBjg8qwMc5kNq0QikRqE9Qzb2lbEzuixsrN0YNnN1flQB4jRb1E80whhS+t4oTO6mJi6"
     "c5Ewhd6LJZ+tCqCRYyB+N9geAvIsO8h8OtOKzdKbVJ8UTBW50oZug80aEZcRHw6Ms0Cc+TS5elPQKGpX"
     "qg0hXCX+JCyEIC6Eh2bsE2YNCvmicu8sLrrP8lSYQ0Mdj3gMzfeShWi2TeLT6mkje2boUs4mc5wrQuab"
     "XS4jtIVODzw8BVUzNY7AuMx4WixRy1TF6tlyoPkOIziYCtOC4HkgOFFDmGVT5BGpcmU8mceH4o5ctdy1"
     "oriBKbvmVvQMlsoUmI0RwSwcyFgNVnKJcXpmrNibc1wGeyfEEE53r8le1Y/OulAsBuWEc2+s3LKiHIva"
     "2cawbBtBR0gTiRiAT/Z7kMZ6ykN35VOZQ7FglNw50ZD7RxGuN+H1dGxmfEkbTOSxTP2rkp9JAsKvCdQx"
     "xuaZFWgJKD0x+WRBd7ZOle0i8kMQG/IVE/Pe3NlLUTeREBOPb5GEdJGBIqdkP9tFAqL6xJIGtH8xkg/M"
     "2uVr4vGNSYqKEZ5N6X6zhqi/IFGXGOhu5AquBNIUzI6ZT9IlETUb+HTpdBkXjmdtoSa/Z1RlEV8l/VvP"
     "ylU065wVBVOEvabii5XZ6U7vt7TbxkoSk9Mhh2OtPBwRlcT27lzFrSIuDWXiUddQIkoxmNWrYJiq3lhs"
     "IfpVNXLZf4rgBnrpck6RRFNPYAmdtZ50qrwjbHhU7RFXmELB2yshPOTmC80gFaoKQNa7mpgkE+6oNLsA"
     "YAlj7fRIUJge7sa15eEBFbQiV+iidaLmTdi5QJBKvnarmeyAQSjrVRxC+V3ERH8RK4mLixoSfbpYBvw6"
     "s/gEwMaVBTNrbN6419ugdkuua1esjlI9mgw5crq1okwD0ACL6ScI6HY64HPuWTXcOKRdeif+y8himUFu"
     "0hjnHqPZRghcVNg5Ij0h3acrQQUdo+m00s2EqVM2ZdWBohs0JwVPW5HIhFpJgNkxq5kWpKWLUmc6Hvz+"
     "YhlwMapKjTYJ/WbJEKIVaGQ+WfGTAODiGJ2uyzLgNrOaQat6fVdhHzHjYgrIhip3B7DTnIPJsjsLOxN8"
     "wRwXIlcEeKFDm7QoHoOtjad2AhWWpCLxguhIZjeCLYPnLHBFDW+8fPQ89WM8+lL9cIbxkUy61ykqR5mm"
     "M0YeEmrSvYboLQEGQeid2yZphwEnvFVyZGfNQW6Zggs7ObxkaIRrX0y1/8JoCKc+RG5iMyqCIRPtJDM6"
     "7YEy58ETA7QPJFSLUBAjtFtDwGdJAKtP6sbqhdV3R+DqbWe66sLRZ2H+O4vfce6E4Qt+sgPZa8b1YvI1"
     "FnBYb6KIuEsB8OLp9By517VOxl1sVo9RjEgUZVVKx4sCl/0QFmTR15scJWoBM2ojnrHcUdXlScmQ7QYG"
     "bghSJSuO5O6upmK8x5Db2HxLv07yS09h5WnxaWiqOdTJTjIuuDogGxtImB9N/sROyqyQNgVPyvZZmSdh"
     "fE9XZoRil8VVMKzzvAZZdREZKQITs6mMhB/EPxwNi5e7c6BFTZ9FgsERg4LLVLyJi1XwbAfBqNNkjI6S"
     "4Umnt0zVMMvTJz5rrdh6WD5roID4XQgXISGJYQa2oJrSZLM8frh49pwq6BNqOlmtzIMWjfB7zjCwwqKr"
     "yPNCMg/oZ+mP9aE0tEZSCxPZVGnkf0o3XJ7krLtCTygAOQ8zoPVcMqDsg2Kz1SvrVlJTZA9iwaJjTUdv"
     "i6s7Bwfv2QKWBxdVORgbqO5FHbBMc2uiTyJaGj0CpQJxJjsKWAubEYWbFJNxQpZoavqGDm3KFHfF+auo"
     "NG1BzrXBB5Gmjcg2e4bpeQN8nFTdLrANdJmmhcvopcBg+yTNLkdUkGxyQaTWCIhQd9Bd8WAd5tPpRFNM"
     "zGh9sHnVq/pzyoxx1EX6udq7szMLmYgJm8XExCsLimvwxYD3i9sEQTFneCOtFb75bOr8FkGOBNqJWFtS"
     "B+UGTVrL1jLliPZjAKHzvBcToTKrNamXqSNTqkUf6yUh0qoCM98DnB0KH6bUU36LoiCq4zwb1K2oGlPU"
     "BVekAIauplQ4DzOyqZ7Re0brAv+MGydWqrkNlmLCz8Zw1yR2GRuTeWvFCFkZ5pTnR6BbEt5mDLkViVkf"
     "d4bwrQe8rktfVBCjEfO0X+z2mkpdCCIsoTfpziuPQMQR9iuEqzIebdtV723oDAfSb3AJs2doXNEPrJ0H"
     "7kpPgtmklncssdFgAZCbpfNLNpuJnhCeh1fsNk8NEsTUbZuB+0hYLQrEgoWiJotGLmxgpSCkSCO3xCG2"
     "LGNfx74aKnlLd9VnKqvCPNt0zdBIZsPjSNWTgwZhbUlFsKpFtaRjbPgQGm1OOZrOFI5JYcnBmRyHkUiK"
     "CqY9OxrylucEM1dZTCH1HMd+jQ2NvQNCd04KQ7tIRqQDafGi8Qe8+YLmdPFXcMRnIKTgZyz7k+0of7DC"
     "sttzp3kgy7OXKMNE83wbry2paB0Mipdw5OkN6VQFPVlcR6e/Awb6Ra6NplBWD0lRNxcHxFkkrqB7SaQK"
     "Sz9wVYkZ2Qa7nVWGztNpgQwDw3nQffHFpit/a3OG7Fs3FqsPCObFQZMjQLh8cOZNRUfbyRqMZ70LOx9p"
     "pCXrOuJrZYgsG5eLT4tuoTu9x+MY5zjBncdcx7svqVI3dSnOwIq48B0Dtfz/Yq+a4M1mYUNnEJfQGMnO"
     "RguITV6yhUpXe+ec0ZMm8bkYs4NdmfyLibte7cYTeJbtMBaKsy9aIdJvYM1vrJiI7sZgm0SflZTnPBVA"
     "vV6i8jAsCEduZz1/EZawy+KsrNIULspnxqPPqFU24NhhLPaRqJnOpe+CJ8qchzVeYgOsvB+p7Cy9a5+x"
     "ff2yw65pz0PqTVtI4zPLqHZRFov1HXMxiNLPUH80IJqL4m9zmMpn5mFYU6Z4ZmOiJ6vmG98kreLMz9Te"
     "QgcHmQxHTLs6WN1y1uyaCkB4rKliUwXNbMqSDL/oeL9ql4slWzkTlMFYO82VUSHr3jcE444WmwQN2CpZ"
     "+DV5l4XPPqcv7fi6OM8k4bhEh8H8RYZWWrDxRBtT96Ya3JX20puWhE28Bny9Cae1J1QIr75pbZs9m44O"
     "Vcjy7J+oIaKS9jVwcpEKZBYZ0+kyVBkUDz+I2ieMzs+u0yT0+l072RlkL2PAku1POXzlUdv8NRrcDfCu"
     "sR9XxKPVlSkFpuhxWGcMXJRzLcy6OBiLqThNozbomXvxrMkrMxZKmSWjoNnabGNYsuLZynpT7cib4Fb9"
     "UgrvyM5amtsrW584sY9Dd0Dk6EAKnnzRbx9sjBTj0yvGfWVWFLpJSZJVLn5140jGohJt7BO8twHGCgbY"
     "5O3XDJlx+5AosM1rCOpCvY8IsqhKxAqOkfOynCJEpNiE0Q2qQop3hPXSnMIVz9j2DhOvCuNtHoHI0DQg"
     "scAS46wEF3FQ8hfsjecwX+ggSICfMdoZ9QbfmAKRpl/feY6CwoF9vJiAdZnZR/okErNmrJHu/BUBeS68"
     "oBqPdyVU4bDKr8jQLiQEu+VJtnH/Nd6FYsJqx9dQePEXLeubpC1XaOoKTYVuh+fExj7BA175NKNxHlOk"
     "2hhm5G44oNGIgWM18+yPMPpiPNjDWANB0XnfbgWNJjw8h0eBHL1AP2cjG7ElRxxTvKXl7AakjX1ehO+D"
     "ujm3Mi6hEQwmMcJ5RkVAUkS/QIMN8fcTLWvToUtjZVtgdIRve/ZcA04upubKS5aF90CJM31zMdkzTk4d"
     "CbN+nuwQ5ZoLjZc0sA5dIvwb+1fDtw+mA+eRWu0sAl1w8o1c4WXceA43Gd86aS+C9G4ouF756zINZg1A"
     "Ip8du055IwlLhhcL25xpxJvJFoq0lgXacI1Dv1PyAow/YFYvMc5fQ/sLFbvfamiYJZ7nrJXhdAHFBv0C"
     "Nai0nIOvD4nDhnQ4FHKAM7wBPd8gB7ggOzNnpuVMBmmfDQhAhvaqnSr3SAEssPAfSAqb/eDxSxu/Uoxj"
     "2pTZ8Nm+lXNuAtpnhJErnfFAlKhwtQtA4jVxfrc/G38n3imQPZsqPz8gzJLejn0Fbr1B8g0+9erfooV/"
     "hYmFvf6A2V9x7Vv4+XilGms7r4Lc77BASH935jFhYBtsIIDjBRHYRFjC7/4fEeLs1w=="},
    {"ends",
     3000000001LL,
     28.800887457066370,
     {0, 0, 0, 0, 86436216831},
     "HISTFAAAACp4nJNpmSzMwMDAyQABzFCaEYhFZK8nMNh/gAg0/GhaK9a9hZkJAIZ8B+w="},
};

inline constexpr char kLogGolden[] =
    "#[Histogram log format version 1.3]\n#[StartTime: 1700000000.250 (seconds since e"
    "poch), Tue Nov 14 22:13:20 UTC 2023]\n\"StartTimestamp\",\"Interval_Length\",\"Interva"
    "l_Max\",\"Interval_Compressed_Histogram\"\n1700000000.000,1.000,1234.943,HISTFAAAACV"
    "42pNpmSzMwMDAwgABzFCaEYhFZK8nMNh/gAi83MTIBABfUAWE\n1700000001.000,1.000,100007.93"
    "5,HISTFAAAAwh42q2WT0sWYRTFZ+77Om8iIvImEiYiEhISERISIhISEhJSEhIRFREREREREREtClq0aO"
    "GiRYsWLVq06OP0NfoIXcfRef7cc5/7jM6Ze8/5nTsguNGzn/aGRTF/qzh4eo2XPKdn/z4o1v8dFEQ9Gt"
    "AYTdCQpmmG5miBFmmJLtIyrdAqrdMGbdIWbdMO7dJduk+P6Ak9oxf0it7QO/pAH0v6XNKXkr6WtFfSt5"
    "K+l/SjpJ8l/Srpd0l/Sv76Dt1jPWQ9Zj1lPWe9ZL1mvWW9pzX+aet0lbXBusbaZF1nbbFusLZZN1k7rN"
    "usXf52qdaFRhcbXWq03Ohyo5VGVxqtNlpjzdaaq6fVfD2tFuppda6eVov1tDpfT6slnin+bbcTa9qbWG"
    "e8iTXjTaxZbw417mnC8XgmHJc16Xg8k47LGjoez9BxWVP1HmUN6h27TWOitxuPv2O3aVz0duPxd+yhRl"
    "QNAA1Ub7fEtnF3yJq7KaZcjQIaVb3dEtvG3fvTa1QcJZml5qQ0kmxGxBwnm6c3ZpnyB5HGeNtdTn6WWG"
    "o0FcdSL/PWy+JeMustbvJcItsl3HZOp5zmZCavsSQb4229dHetkVr+55pf37yEa4Hl6kRfUwdvQlQq1X"
    "MANF2WsU1kXHU3M6vBekTR1GejpYAlrA1H8ydddcynyL0V6aawUiH3Yq0mQ4BFkYFpEwBW5i1HpzDxcZ"
    "eJlNrQRqCW6iEx+WeMHaLxIP3xDqy///YPLV64EdyPEXV8ASjJMbUBaBoDgKBW4bIxKODGVYYBhG4Kam"
    "WIMPsQUAKFQmjkTutTt5xvuj39nIeSFQEgJREoFIuBlCK9EgEWzmCMY2tSEYLAOa+FTN5lCVk3yKYoIK"
    "gMJ1W5Rw3tMQyABUNVVVX9qjrcwpIDGGResr1hjEFeoUnBiwIapCEMrkUZrBDCHlDixWw0gHBk8INaaZ"
    "zYEgQG8Mi1ICacfYgwYtSlLrbnVOKpAFSye+ZstCoJKim2VklchVfRoxWaFGDhCWMYXIuyADDCVwLX+v"
    "8BPlCgjA==\n";

}  // namespace weir
